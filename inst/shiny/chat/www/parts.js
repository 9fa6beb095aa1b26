// The parts of an answer on the page. Each has an `element`, and an `update(part,
// ended)` that shows what is new in the part and returns whether all of it is shown.
import { highlight } from "./code.js";
import { isPicture, readDataUrl } from "./conversation.js";
import { button, element } from "./elements.js";
import { GrowingText } from "./growing_text.js";

export function newPart(part, onBlock) {
  switch (part.kind) {
    case "text": return new TextPart(onBlock);
    case "reasoning": return new ReasoningPart();
    case "tool": return new ToolPart(part);
    case "picture": return new PicturePart(part);
    default: return new FilePart(part);
  }
}

class TextPart {
  constructor(onBlock) {
    this.text = new GrowingText(onBlock);
    this.element = this.text.element;
  }

  update(part, ended) {
    return this.text.update(part.text, ended);
  }
}

class ReasoningPart {
  constructor() {
    this.text = new GrowingText();
    this.text.element.className = "thoughts markdown";
    this.name = element("summary", {}, "Reasoning …");
    this.element = element("details", { class: "fold reasoning" }, this.name, this.text.element);
  }

  update(part, ended) {
    if (ended) this.name.textContent = "Reasoning";
    return this.text.update(part.text, ended);
  }
}

// The arguments of a call can still change until it runs.
class ToolPart {
  constructor(part) {
    this.state = element("span", { class: "tool-state" }, "running");
    this.arguments = element("div");
    this.element = element("details", { class: "fold tool" },
      element("summary", {}, "Tool ", element("code", {}, part.tool), " ", this.state),
      element("p", { class: "fold-label" }, "Arguments"),
      this.arguments);
    this.hasResult = false;
  }

  update(part, ended) {
    if (this.shown !== part.arguments) {
      this.shown = part.arguments;
      this.arguments.replaceChildren(preformatted(part.arguments));
    }
    if (part.result != null && !this.hasResult) this.showResult(part);
    else if (ended && part.result == null) this.state.textContent = "no result";
    return true;
  }

  showResult({ failed, result }) {
    this.hasResult = true;
    this.state.textContent = failed ? "failed" : "done";
    this.element.classList.toggle("failed-tool", Boolean(failed));
    this.element.append(
      element("p", { class: "fold-label" }, failed ? "Error" : "Result"),
      preformatted(result),
    );
  }
}

// JSON is indented; other text is unchanged.
function preformatted(text) {
  let shown = String(text ?? "");
  let json = false;
  try {
    shown = JSON.stringify(JSON.parse(shown), null, 2);
    json = true;
  } catch {
    // Not JSON.
  }
  const code = element("code", {}, shown);
  if (json) highlight(code, "json");
  return element("pre", { tabindex: "0" }, code);
}

class PicturePart {
  constructor(part) {
    const alt = part.alt || "Picture";
    this.element = isPicture(part.url)
      ? element("figure", { class: "picture" },
        element("img", { src: part.url, alt }),
        element("figcaption", {},
          button("save", "Save", () => save(part.url, fileName(part)), {
            "aria-label": `Save ${alt}`,
          })))
      : element("p", { class: "state" }, "A picture that cannot be shown");
  }

  update() {
    return true;
  }
}

class FilePart {
  constructor(part) {
    this.element = readDataUrl(part.url)
      ? button("file", part.name, () => save(part.url, part.name), {
        title: `Save ${part.name}`,
      })
      : element("p", { class: "file" }, part.name);
  }

  update() {
    return true;
  }
}

function fileName(part) {
  const [, type] = /^data:image\/(\w+)/.exec(part.url);
  const name = (part.alt || "").replace(/[^\w. -]+/g, "").slice(0, 60).trim();
  if (/\.(png|jpe?g|gif|webp)$/i.test(name)) return name;
  return `${name || "picture"}.${type.replace("jpeg", "jpg")}`;
}

// Saves by a blob, because browsers limit the length of data: URLs in links.
function save(url, name) {
  const { type, data } = readDataUrl(url);
  const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  // A file with this type cannot open as a page of this site.
  const blob = new Blob([bytes], { type: isPicture(url) ? type : "application/octet-stream" });
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

