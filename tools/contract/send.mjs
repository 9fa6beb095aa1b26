// Sends the requests that bodies.py creates.

// Sends a request with these path arguments, and returns the status, media type and body.
export async function send(base, request, path, more = {}) {
  const url = new URL(base + path);
  for (const [name, value] of Object.entries(request.query)) {
    url.searchParams.set(name, value);
  }
  const body = { ...request.body, ...more };
  const headers = { authorization: "Bearer sk-contract" };
  if (request.beta !== "") {
    headers["openai-beta"] = request.beta;
  }
  const options = { method: request.method, headers };
  if (request.is_form) {
    options.body = form(request, body);
  } else if (request.method !== "GET" && request.method !== "DELETE") {
    headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  if (body.stream || body.stream_format === "sse") {
    headers.accept = "text/event-stream";
  }
  const answer = await fetch(url, options);
  const type = (answer.headers.get("content-type") ?? "").split(";")[0];
  return { status: answer.status, type, bytes: Buffer.from(await answer.arrayBuffer()) };
}

function form(request, body) {
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) {
    form.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  for (const [name, file] of Object.entries(request.files)) {
    form.append(name, new Blob([Buffer.from(file.base64, "base64")]), file.name);
  }
  return form;
}
