// Validates responses against the schemas of an OpenAPI description.

import { readFileSync } from "node:fs";

// The schema of the events of a stream, which the description does not link to the operation.
const EVENTS = {
  "/audio/speech": "CreateSpeechResponseStreamEvent",
  "/audio/transcriptions": "CreateTranscriptionResponseStreamEvent",
  "/chat/completions": "CreateChatCompletionStreamResponse",
  "/images/edits": "ImageEditStreamEvent",
  "/images/generations": "ImageGenStreamEvent",
  "/responses": "ResponseStreamEvent",
};
// Streams of runs have a separate schema, by the names of the events; the description does not say
// which operations can be streamed.
const RUN_EVENTS = "AssistantStreamEvent";
const LIMIT = 6;

export class Schemas {
  constructor(path, Ajv, addFormats) {
    const spec = JSON.parse(readFileSync(path), modernized);
    this.ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    addFormats(this.ajv);
    this.ajv.addSchema(spec, "spec");
    this.components = spec.components.schemas;
    this.operations = new Map();
    for (const [path, methods] of Object.entries(spec.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const steps = ["paths", path, method, "responses"];
        const key = `${method.toUpperCase()} ${path.replace(/^\/v1\//, "/")}`;
        this.operations.set(key, { responses: operation.responses, steps });
      }
    }
  }

  // The description of an operation, if there is one.
  operation(request) {
    return this.operations.get(`${request.method} ${request.described}`);
  }

  streams(request) {
    const operation = this.operation(request);
    return request.answer === "json/run" || "text/event-stream" in (operation?.responses[200]?.content ?? {});
  }

  // The errors of a response; empty if it is valid.
  problems(request, answer) {
    const operation = this.operation(request);
    if (operation === undefined) {
      return [];
    }
    const content = operation.responses[answer.status]?.content;
    if (!(answer.status in operation.responses)) {
      return [`the status ${answer.status} is not described`];
    }
    if (content === undefined) {
      return [];
    }
    if (answer.bytes.length === 0) {
      return ["the body is empty"];
    }
    if (answer.type === "text/event-stream") {
      return this.eventProblems(request, answer);
    }
    if (answer.type !== "application/json") {
      // A file has no schema.
      return /^(bytes|text)/.test(request.answer) ? [] : [`the media type is ${answer.type}`];
    }
    const steps = [...operation.steps, answer.status, "content", answer.type, "schema"];
    return this.invalid(steps, JSON.parse(answer.bytes));
  }

  eventProblems(request, answer) {
    const events = answer.bytes.toString().split("\n\n").filter((event) => event !== "");
    if (request.answer === "json/run") {
      return events.flatMap((event) => this.runEventProblems(event));
    }
    const name = EVENTS[request.path.split("?")[0]];
    const texts = events.map((event) => event.match(/^data: (.*)$/m)?.[1] ?? "");
    const found = texts
      .filter((text) => text !== "[DONE]")
      .flatMap((text) => {
        const event = JSON.parse(text);
        const steps = ["components", "schemas", this.eventSchema(name, event.type)];
        return this.invalid(steps, event).map((problem) => `${event.type}: ${problem}`);
      });
    return events.length === 0 ? ["the stream is empty"] : found;
  }

  runEventProblems(event) {
    const [, name, data] = event.match(/^event: (.*)\ndata: (.*)$/) ?? [];
    if (name === "done") {
      return data === "[DONE]" ? [] : [`done: ${data}`];
    }
    const steps = this.runEventSteps(RUN_EVENTS, name);
    if (steps === undefined) {
      return [`the event ${name} is not described`];
    }
    return this.invalid(steps, JSON.parse(data)).map((problem) => `${name}: ${problem}`);
  }

  // Where the alternatives of this schema contain the data of an event of a run.
  runEventSteps(schema, name) {
    const choices = this.components[schema].anyOf ?? [];
    const place = choices.findIndex((choice) => choice.properties?.event?.enum?.[0] === name);
    if (place >= 0) {
      return ["components", "schemas", schema, "anyOf", place, "properties", "data"];
    }
    const named = choices.filter((choice) => choice.$ref);
    return named
      .map((choice) => this.runEventSteps(choice.$ref.split("/").pop(), name))
      .find((steps) => steps !== undefined);
  }

  // The schema of one type of event, to avoid error messages about all other types.
  eventSchema(name, type) {
    const choices = this.components[name].anyOf ?? [];
    const names = choices.map((choice) => choice.$ref.split("/").pop());
    return names.find((one) => this.components[one].properties?.type?.enum?.[0] === type) ?? name;
  }

  invalid(steps, value) {
    const escaped = steps.map((step) =>
      encodeURIComponent(String(step).replace(/~/g, "~0").replace(/\//g, "~1")),
    );
    const validate = this.ajv.getSchema(`spec#/${escaped.join("/")}`);
    if (validate(value)) {
      return [];
    }
    const errors = validate.errors.map((error) => `${error.instancePath} ${error.message}`);
    return [...new Set(errors)].slice(0, LIMIT);
  }
}

// Until 2013, JSON Schema used a boolean `exclusiveMinimum`; the description still does.
function modernized(name, value) {
  if (value?.exclusiveMinimum === true) {
    const { minimum, ...others } = value;
    return { ...others, exclusiveMinimum: minimum };
  }
  return value;
}
