// Markdown that grows while it is shown. A block, or an item of a list, is
// rendered for good as soon as the next one begins, so that each frame renders
// only the last one again.
import { copyEnvironment, cuts, newEnvironment, render } from "./markdown.js";
import { element } from "./elements.js";

// Milliseconds of a frame for what is complete, and about how many characters
// are rendered together: each time costs the same, however short the text.
const budget = 12;
const together = 1000;

export class GrowingText {
  // `onBlock` is told the nodes of each block that is complete, once.
  constructor(onBlock = () => {}) {
    this.element = element("div", { class: "text markdown" });
    this.onBlock = onBlock;
    this.env = newEnvironment();
    this.rest = "";
    this.seen = 0;
    this.tail = [];
    this.restInList = false;
    this.behind = false;
    this.ended = false;
  }

  // Shows `text`, which begins with what it was before; `ended` when nothing
  // more comes. Returns whether all of it is shown: if not, the next frame goes
  // on.
  update(text, ended) {
    if (this.ended || !(text.length > this.seen || ended || this.behind)) return true;
    // A return may be the first half of a line's end.
    const end = text.endsWith("\r") && !ended ? text.length - 1 : text.length;
    this.rest += withNewlines(text.slice(this.seen, end));
    this.seen = end;
    this.tail.forEach((node) => node.remove());
    this.tail = [];
    this.behind = !this.addComplete(ended) || (ended && this.beginAgain(text));
    if (this.behind) return false;
    this.ended = ended;
    if (this.rest) {
      const env = copyEnvironment(this.env);
      this.tail = this.place(render(this.rest, env, true), this.restInList);
    }
    return true;
  }

  // Adds what is complete, as much as there is time for; returns whether that
  // is all.
  addComplete(ended) {
    const deadline = performance.now() + budget;
    const found = cuts(this.rest, !ended);
    if (ended) found.push({ at: this.rest.length, inList: false });
    let done = 0;
    for (const [index, { at, inList }] of found.entries()) {
      const last = index === found.length - 1;
      if (at - done < (last ? 1 : together)) continue;
      if (performance.now() > deadline) break;
      const fragment = render(this.rest.slice(done, at), this.env, false);
      const nodes = this.place(fragment, this.restInList);
      if (!this.again) this.onBlock(nodes);
      done = at;
      this.restInList = inList;
    }
    const all = done === (found.at(-1)?.at ?? 0);
    this.rest = this.rest.slice(done);
    return all;
  }

  // Appends nodes; items of a list go on with the list before. Returns the nodes.
  place(fragment, inList) {
    const list = this.element.lastElementChild;
    const first = fragment.firstElementChild;
    const items = [];
    if (inList && list?.tagName === first?.tagName) {
      // The first node is the newline that begins a list.
      items.push(...[...first.childNodes].slice(1));
      list.append(...items);
      first.remove();
    }
    const others = [...fragment.childNodes];
    this.element.append(...others);
    return [...items, ...others];
  }

  // Links may name an address that came later, [name][1] and then
  // [1]: https://..., so what has such addresses is shown anew when it has ended.
  beginAgain(text) {
    if (this.again || !Object.keys(this.env.references).length) return false;
    this.again = true;
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
