// Sends a minimal valid request for each operation to a server and validates the responses against
// the schemas of an OpenAPI description:
//
//   node answers.mjs SPEC BODIES URL FOLDER
//
// BODIES is the output of bodies.py; FOLDER contains ajv and ajv-formats in node_modules.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { filled, Objects } from "./objects.mjs";
import { Schemas } from "./schemas.mjs";
import { send } from "./send.mjs";

// Differences between the description and the API, or within the description.
const EXCEPTIONS = [
  {
    operation: /^chat\.completions\.messages\.list$/,
    problem: /^\/data\/0\/role must be equal to one of the allowed values$/,
    why: "user messages are described as messages of the assistant",
  },
  {
    operation: /^beta\.threads\..*run/,
    problem: /(^|\/)instructions must be string$/,
    why: "a run without instructions has null in the documentation",
  },
  {
    operation: /responses\.(create.*(streamed|background.*)|cancel)$/,
    problem: /^(response\.(created|in_progress|queued): \/response)?\/usage must be object$/,
    why: "an unfinished response has no usage yet; the description does not allow null",
  },
];

const [specPath, bodiesPath, base, folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node answers.mjs SPEC BODIES URL FOLDER");
  process.exit(2);
}
const installed = createRequire(join(resolve(folder), "package.json"));
const schemas = new Schemas(
  specPath,
  installed("ajv/dist/2020").default,
  installed("ajv-formats").default,
);
const requests = JSON.parse(readFileSync(bodiesPath));
const objects = new Objects(base, requests);
// Additional requests for implemented operations; "id from /files" is replaced by the id of a file.
const variants = JSON.parse(readFileSync(new URL("variants.json", import.meta.url)));

async function problems(name, more, stream = false) {
  try {
    return await problemsOf(name, more, stream);
  } catch (error) {
    return [`no response: ${error.cause ?? error}`];
  }
}

async function problemsOf(name, more, stream) {
  const request = requests[name];
  const values = await objects.argumentsOf(name);
  const ids = await objects.fieldsOf(name, values, more);
  const fields = { ...(await objects.resolved(more)), ...ids };
  const answer = await send(base, request, filled(request.path, values), fields);
  if (answer.status >= 300) {
    return [`the status is ${answer.status}: ${answer.bytes}`];
  }
  if (stream && answer.type !== "text/event-stream") {
    return [`the response is not a stream but ${answer.type}`];
  }
  return schemas.problems(request, answer);
}

let valid = 0;
let failed = 0;
function report(name, found) {
  const matches = (problem) => (one) => one.operation.test(name) && one.problem.test(problem);
  const exceptions = found.map((problem) => EXCEPTIONS.find(matches(problem)));
  exceptions.filter(Boolean).forEach((one) => (one.seen = true));
  const remaining = new Set(found.filter((_, place) => exceptions[place] === undefined));
  if (remaining.size === 0) {
    valid += 1;
    return;
  }
  failed += 1;
  console.log(`${name}\n  ${[...remaining].join("\n  ").slice(0, 1500)}`);
}

for (const [name, request] of Object.entries(requests)) {
  for (const more of [{}, ...(variants[name] ?? [])]) {
    const how = [name, ...Object.keys(more)].join(", ");
    report(how, await problems(name, more));
    if (schemas.streams(request)) {
      const asks = request.path === "/audio/speech" ? { stream_format: "sse" } : { stream: true };
      report(`${how}, streamed`, await problems(name, { ...more, ...asks }, true));
    }
  }
}
for (const { operation, why, seen } of EXCEPTIONS) {
  console.log(`${seen ? "Exception" : "Exception no longer needed"}: ${operation.source}: ${why}`);
}
console.log(`${valid} of ${valid + failed} responses are valid.`);
process.exit(failed === 0 && EXCEPTIONS.every((one) => one.seen) ? 0 : 1);
