// Creates the objects that an operation needs, before the operation is sent.

import { send } from "./send.mjs";

// Objects that always exist.
const KNOWN = { "models.delete": "ft:gpt-6-luna:example", "models.retrieve": "gpt-6-luna" };
// Fields required in the object that an operation uses.
const CREATED_WITH = [
  [/^chat\.completions\./, { store: true }],
  [/responses\.cancel$/, { background: true }],
  [
    /runs\.submit_tool_outputs$/,
    { tools: [{ type: "function", function: { name: "f" } }], tool_choice: "required" },
  ],
];
const RUN = "/threads/{thread_id}/runs/{run_id}";
// The maximum number of times that a run is polled, and the interval in ms.
const MAX_POLLS = 600;
const POLL_INTERVAL = 100;

export class Objects {
  constructor(base, requests) {
    this.base = base;
    this.requests = requests;
    this.creators = new Map(
      Object.values(requests)
        .filter((request) => request.method === "POST")
        .map((request) => [request.path, request]),
    );
  }

  // The path arguments of an operation: ids of objects created for it. If the server does not store
  // such objects, any id is valid.
  async argumentsOf(name) {
    const request = this.requests[name];
    const more = CREATED_WITH.find(([pattern]) => pattern.test(name))?.[1];
    const values = [];
    for (const match of request.path.matchAll(/\/\{(\w+)\}/g)) {
      const parent = request.path.slice(0, match.index);
      const id =
        KNOWN[name] ??
        (parent === `${RUN}/steps`
          ? (await this.finishedRun(values, "/steps")).data[0].id
          : await this.create(parent, values, more));
      values.push(id ?? request.arguments[match[1]]);
    }
    return values;
  }

  // The fields of a body that name objects, which must exist.
  async fieldsOf(name, values, more = {}) {
    const body = { ...this.requests[name].body, ...more };
    const fields = {};
    for (const field of Object.keys(body)) {
      if (/^(\w+_)?file_id$/.test(field)) {
        fields[field] = await this.create("/files");
      } else if (field === "file_ids") {
        fields[field] = [await this.create("/files")];
      } else if (field === "assistant_id") {
        fields[field] = await this.create("/assistants");
      } else if (field === "tool_outputs") {
        const run = await this.finishedRun(values);
        const calls = run.required_action.submit_tool_outputs.tool_calls;
        fields[field] = calls.map((call) => ({ tool_call_id: call.id, output: "7" }));
      } else if (field === "part_ids") {
        fields[field] = [await this.create("/uploads/{upload_id}/parts", values)];
      }
    }
    return fields;
  }

  // Replaces texts like "id from /files" in a value by ids of objects created with this path.
  async resolved(value) {
    if (typeof value === "string" && value.startsWith("id from ")) {
      return this.create(value.slice("id from ".length));
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
  async finishedRun(values, subpath = "") {
    const get = async (path) => {
      const request = { method: "GET", query: {}, beta: "assistants=v2" };
      const answer = await send(this.base, request, filled(path, values));
      return JSON.parse(answer.bytes);
    };
    for (let poll = 0; poll < MAX_POLLS; poll += 1) {
      const run = await get(RUN);
      if (run.status !== "queued" && run.status !== "in_progress") {
        return subpath === "" ? run : get(RUN + subpath);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
    }
    throw new Error(`${filled(RUN, values)} did not finish`);
  }

  // Creates an object with a POST to this path and returns its id, if it has one.
  async create(path, values = [], more = {}) {
    const request = this.creators.get(path);
    if (request === undefined) {
      return undefined;
    }
    const name = Object.keys(this.requests).find((name) => this.requests[name] === request);
    const fields = { ...(await this.fieldsOf(name, values)), ...more };
    const answer = await send(this.base, request, filled(path, values), fields);
    if (answer.status >= 300 || answer.type !== "application/json") {
      return undefined;
    }
    const object = JSON.parse(answer.bytes);
    return object.id ?? object.data?.[0]?.id;
  }
}

// Inserts arguments into a path.
export function filled(path, values) {
  let place = 0;
  return path.replace(/\{\w+\}/g, () => encodeURIComponent(values[place++]));
}
