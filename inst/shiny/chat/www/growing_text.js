// Markdown that grows while it is shown. A block or list item is complete when the
// next one begins. Complete ones are rendered once, so that each frame only renders
// the last one again.
import { copyEnvironment, cuts, newEnvironment, render } from "./markdown.js";
import { element } from "./elements.js";

// The time of a frame for complete blocks in milliseconds, and the approximate number
// of characters rendered together, because each call has a fixed cost.
const frameBudget = 12;
const charactersTogether = 1000;

export class GrowingText {
  // `onBlock(nodes)` is called once for each complete block.
  constructor(onBlock = () => {}) {
    this.element = element("div", { class: "text markdown" });
    this.onBlock = onBlock;
    this.env = newEnvironment();
    this.rest = "";
    this.seen = 0;
    this.tail = [];
    this.restInList = false;
    this.isPending = false;
    this.ended = false;
  }

  // Shows `text`, which begins with the previous text; `ended` if it is complete.
  // Returns whether all of it is shown; if not, the next frame must call it again.
  update(text, ended) {
    if (this.ended || !(text.length > this.seen || ended || this.isPending)) return true;
    // A carriage return may be the first half of a line ending.
    const end = text.endsWith("\r") && !ended ? text.length - 1 : text.length;
    this.rest += withNewlines(text.slice(this.seen, end));
    this.seen = end;
    this.tail.forEach((node) => node.remove());
    this.tail = [];
    this.isPending = !this.addComplete(ended) || (ended && this.renderAgain(text));
    if (this.isPending) return false;
    this.ended = ended;
    if (this.rest) {
      const env = copyEnvironment(this.env);
      this.tail = this.place(render(this.rest, env, true), this.restInList);
    }
    return true;
  }

  // Adds complete blocks until the time of the frame is used up, and returns whether
  // all of them are added.
  addComplete(ended) {
    const deadline = performance.now() + frameBudget;
    const found = cuts(this.rest, !ended);
    if (ended) found.push({ at: this.rest.length, inList: false });
    let done = 0;
    for (const [index, { at, inList }] of found.entries()) {
      const last = index === found.length - 1;
      if (at - done < (last ? 1 : charactersTogether)) continue;
      if (performance.now() > deadline) break;
      const fragment = render(this.rest.slice(done, at), this.env, false);
      const nodes = this.place(fragment, this.restInList);
      if (!this.isRenderedAgain) this.onBlock(nodes);
      done = at;
      this.restInList = inList;
    }
    const all = done === (found.at(-1)?.at ?? 0);
    this.rest = this.rest.slice(done);
    return all;
  }

  // Appends nodes, and list items to the preceding list. Returns the nodes.
  place(fragment, inList) {
    const list = this.element.lastElementChild;
    const first = fragment.firstElementChild;
    const items = [];
    if (inList && list?.tagName === first?.tagName) {
      // The first node is the newline at the start of a list.
      items.push(...[...first.childNodes].slice(1));
      list.append(...items);
      first.remove();
    }
    const others = [...fragment.childNodes];
    this.element.append(...others);
    return [...items, ...others];
  }

  // A link can refer to a URL that is defined later: [name][1], then [1]: https://...
  // A text with such definitions is rendered again when it has ended.
  renderAgain(text) {
    if (this.isRenderedAgain || !Object.keys(this.env.references).length) return false;
    this.isRenderedAgain = true;
    this.env = { ...newEnvironment(), references: this.env.references };
    this.element.replaceChildren();
    this.rest = withNewlines(text);
    this.restInList = false;
    return true;
  }
}

function withNewlines(text) {
  return text.replace(/\r\n?/g, "\n");
}
