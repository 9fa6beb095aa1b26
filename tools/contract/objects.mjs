// Makes the objects that an operation is about, before it is sent.

import { send } from "./send.mjs";

// What exists without a request that makes it.
const KNOWN = { "models.delete": "ft:gpt-6-luna:example", "models.retrieve": "gpt-6-luna" };
// What an object must be made with for an operation on it.
const MADE_WITH = [
  [/^chat\.completions\./, { store: true }],
  [/responses\.cancel$/, { background: true }],
];

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

  // The arguments of the path of an operation: ids of objects that were made for it. Where the
  // server keeps no such object any id will do.
  async argumentsOf(name) {
    const request = this.requests[name];
    const more = MADE_WITH.find(([pattern]) => pattern.test(name))?.[1];
    const values = [];
    for (const match of request.path.matchAll(/\/\{(\w+)\}/g)) {
      const parent = request.path.slice(0, match.index);
      const made = KNOWN[name] ?? (await this.make(parent, values, more));
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
      } else if (field === "part_ids") {
        fields[field] = [await this.make("/uploads/{upload_id}/parts", values)];
      }
    }
    return fields;
  }

  // A value in which texts like "made by /files" are ids of objects that were made so.
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

  // Makes an object by the POST to this path and returns its id, if it has one.
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

// A path with its arguments.
export function filled(path, values) {
  let place = 0;
  return path.replace(/\{\w+\}/g, () => encodeURIComponent(values[place++]));
}
