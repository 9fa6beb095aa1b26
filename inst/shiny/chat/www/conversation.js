// A conversation as plain data, which the browser can store:
// { id, title, changed, kept, turns: [{ role, parts, ... }] }
// `kept` is the state from which R continues it. The turn of an answer has a `state`
// ("streaming", "complete", "stopped", "failed" or "lost") and, while it streams, its
// number `answer`. Parts:
// { kind: "text" | "reasoning", text }
// { kind: "tool", call, tool, arguments, result, failed }
// { kind: "picture", url, alt } and { kind: "file", name, url }, with data: URLs

const maxTitleLength = 60;

export function newConversation() {
  return { id: randomId(), title: "New chat", changed: Date.now(), kept: null, turns: [] };
}

// crypto.randomUUID() is missing in pages loaded by http from another host.
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function askQuestion(conversation, text, files) {
  const turn = { role: "user", parts: files.map(filePart) };
  if (text) turn.parts.push({ kind: "text", text });
  if (!conversation.turns.length) conversation.title = titleOf(text, files);
  conversation.turns.push(turn);
}

export function beginAnswer(conversation, answer) {
  const turn = { role: "assistant", parts: [], state: "streaming", answer };
  conversation.turns.push(turn);
  return turn;
}

// The text and the files of the last question, to ask it again.
export function lastQuestion(conversation) {
  const turn = conversation.turns.findLast((each) => each.role === "user");
  return {
    text: turn.parts.filter((part) => part.kind === "text").map((part) => part.text).join(""),
    files: turn.parts.filter((part) => readDataUrl(part.url)).map(partFile),
  };
}

export function streamingAnswer(conversation) {
  const last = conversation.turns.at(-1);
  return last && last.state === "streaming" ? last : null;
}

// An answer cannot continue after the page or the R session was closed.
export function markLost(conversation) {
  const answer = streamingAnswer(conversation);
  if (answer) answer.state = "lost";
}

// Applies an event sent by R to an answer.
export function applyEvent(conversation, turn, message) {
  switch (message.event) {
    case "text":
    case "reasoning":
      continuePart(turn.parts, message.event, message.text);
      break;
    case "tool": {
      const known = toolPart(turn, message.call);
      if (known) known.arguments = message.arguments;
      else {
        turn.parts.push({
          kind: "tool", call: message.call, tool: message.tool, arguments: message.arguments,
          result: null, failed: false,
        });
      }
      break;
    }
    case "tool_result": {
      const part = toolPart(turn, message.call);
      if (part) Object.assign(part, { result: message.result, failed: message.failed });
      break;
    }
    case "picture":
      turn.parts.push({ kind: "picture", url: message.url, alt: message.alt });
      break;
    case "end":
      turn.state = message.state;
      turn.error = message.error;
      turn.usage = message.usage;
      if (message.kept) conversation.kept = message.kept;
      if (message.kept_end) conversation.kept = conversation.kept.slice(0, -2) + message.kept_end;
  }
}

function toolPart(turn, call) {
  return turn.parts.findLast((each) => each.kind === "tool" && each.call === call);
}

function continuePart(parts, kind, text) {
  const last = parts.at(-1);
  if (last && last.kind === kind) last.text += text;
  else parts.push({ kind, text });
}

function filePart(file) {
  const url = `data:${file.type};base64,${file.data}`;
  return isPicture(url)
    ? { kind: "picture", url, alt: file.name }
    : { kind: "file", name: file.name, url };
}

function partFile(part) {
  return { name: part.name || part.alt, ...readDataUrl(part.url) };
}

// { type, data } of a base64 data: URL, null for any other URL.
export function readDataUrl(url) {
  const found = /^data:(.*?);base64,(.*)$/s.exec(url ?? "");
  return found && { type: found[1], data: found[2] };
}

// The formats that browsers and models support. SVG can contain scripts.
export function isPicture(url) {
  return /^data:image\/(png|jpeg|gif|webp);base64,/i.test(url);
}

function titleOf(text, files) {
  const title = (text || files.map((file) => file.name).join(", ")).replace(/\s+/g, " ");
  if (title.length <= maxTitleLength) return title;
  return `${title.slice(0, maxTitleLength - 1).trimEnd()}…`;
}
