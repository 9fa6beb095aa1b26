// Creates the objects that an operation needs, before the operation is sent.

import { send } from "./send.mjs";

// Objects that always exist.
const KNOWN = { "models.delete": "ft:gpt-6-luna:example", "models.retrieve": "gpt-6-luna" };
// Fields with which an object must be created for an operation.
const MADE_WITH = [
  [/^chat\.completions\./, { store: true }],
  [/responses\.cancel$/, { background: true }],
  [
    /runs\.submit_tool_outputs$/,
    { tools: [{ type: "function", function: { name: "f" } }], tool_choice: "required" },
  ],
];
const RUN = "/threads/{thread_id}/runs/{run_id}";
// How often a run is polled until its status no longer changes, and the interval in ms.
const LOOKS = 600;
const REST = 100;

export class Objects {
  constructor(base, requests) {
    this.base = base;
    this.requests = requests;
    this.makers = new Map(
      Object.values(requests)
        .filter((request) => request.method === "POST")
        .map((request) => [request.path, request]),
    );
  }

  // The path arguments of an operation: ids of objects created for it. If the server does not store
  // such objects, any id is valid.
  async argumentsOf(name) {
    const request = this.requests[name];
    const more = MADE_WITH.find(([pattern]) => pattern.test(name))?.[1];
    const values = [];
    for (const match of request.path.matchAll(/\/\{(\w+)\}/g)) {
      const parent = request.path.slice(0, match.index);
      const made =
        KNOWN[name] ??
        (parent === `${RUN}/steps`
          ? (await this.finishedRun(values, "/steps")).data[0].id
          : await this.make(parent, values, more));
      values.push(made ?? request.arguments[match[1]]);
    }
    return values;
  }

  // The fields of a body that name objects, which must exist.
  async fieldsOf(name, values, more = {}) {
    const body = { ...this.requests[name].body, ...more };
    const fields = {};
    for (const field of Object.keys(body)) {
      if (/^(\w+_)?file_id$/.test(field)) {
        fields[field] = await this.make("/files");
      } else if (field === "file_ids") {
        fields[field] = [await this.make("/files")];
      } else if (field === "assistant_id") {
        fields[field] = await this.make("/assistants");
      } else if (field === "tool_outputs") {
        const run = await this.finishedRun(values);
        const calls = run.required_action.submit_tool_outputs.tool_calls;
        fields[field] = calls.map((call) => ({ tool_call_id: call.id, output: "7" }));
      } else if (field === "part_ids") {
        fields[field] = [await this.make("/uploads/{upload_id}/parts", values)];
      }
    }
    return fields;
  }

  // Replaces texts like "made by /files" in a value by ids of objects created with this path.
  async resolved(value) {
    if (typeof value === "string" && value.startsWith("made by ")) {
      return this.make(value.slice("made by ".length));
    }
    if (Array.isArray(value)) {
      return Promise.all(value.map((element) => this.resolved(element)));
    }
    if (value === null || typeof value !== "object") {
      return value;
    }
    const fields = Object.entries(value);
    return Object.fromEntries(
      await Promise.all(fields.map(async ([name, field]) => [name, await this.resolved(field)])),
    );
  }

  // Waits until a run has finished or waits for the client.
  async finishedRun(values, below = "") {
    const get = async (path) => {
      const request = { method: "GET", query: {}, beta: "assistants=v2" };
      const answer = await send(this.base, request, filled(path, values));
      return JSON.parse(answer.bytes);
    };
    for (let look = 0; look < LOOKS; look += 1) {
      const run = await get(RUN);
      if (run.status !== "queued" && run.status !== "in_progress") {
        return below === "" ? run : get(RUN + below);
      }
      await new Promise((resolve) => setTimeout(resolve, REST));
    }
    throw new Error(`${filled(RUN, values)} goes on and on`);
  }

  // Creates an object with a POST to this path and returns its id, if it has one.
  async make(path, values = [], more = {}) {
    const maker = this.makers.get(path);
    if (maker === undefined) {
      return undefined;
    }
    const name = Object.keys(this.requests).find((name) => this.requests[name] === maker);
    const fields = { ...(await this.fieldsOf(name, values)), ...more };
    const answer = await send(this.base, maker, filled(path, values), fields);
    if (answer.status >= 300 || answer.type !== "application/json") {
      return undefined;
    }
    const made = JSON.parse(answer.bytes);
    return made.id ?? made.data?.[0]?.id;
  }
}

// Inserts arguments into a path.
export function filled(path, values) {
  let place = 0;
  return path.replace(/\{\w+\}/g, () => encodeURIComponent(values[place++]));
}
