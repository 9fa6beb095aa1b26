// Markdown that grows while it is shown. A block is rendered for good as soon
// as the next one begins, so that each frame renders only the last one again.
import { blockStarts, copyEnvironment, newEnvironment, render } from "./markdown.js";
import { element } from "./elements.js";

// Milliseconds of a frame for the blocks that are complete.
const budget = 8;

export class GrowingText {
  // `onBlock` is told each block that is complete, once.
  constructor(onBlock = () => {}) {
    this.element = element("div", { class: "text" });
    this.onBlock = onBlock;
    this.env = newEnvironment();
    this.blocks = [];
    this.tail = null;
    this.rest = "";
    this.seen = 0;
    this.behind = false;
    this.ended = false;
  }

  // Shows `text`, which begins with what it was before; `ended` when nothing
  // more comes. Returns whether all of it is shown: if not, the next frame goes
  // on.
  update(text, ended) {
    const grown = text.length > this.seen;
    if (this.ended || !(grown || ended || this.behind)) return true;
    this.rest += text.slice(this.seen);
    this.seen = text.length;
    this.rest = this.rest.replace(/\r\n|\r(?=[^\n])/g, "\n");
    this.removeTail();
    this.behind = !this.freeze(ended);
    if (this.behind) return false;
    if (ended) this.end();
    else if (this.rest) this.showTail();
    return true;
  }

  // Renders the blocks that are complete, as many as there is time for.
  freeze(ended) {
    const starts = blockStarts(this.rest, !ended).slice(1);
    if (ended) starts.push(this.rest.length);
    const deadline = performance.now() + budget;
    let done = 0;
    for (const end of starts) {
      if (performance.now() > deadline) break;
      this.addBlock(this.rest.slice(done, end));
      done = end;
    }
    this.rest = this.rest.slice(done);
    return done === (starts.at(-1) ?? 0);
  }

  addBlock(source) {
    const block = element("div", { class: "block" });
    block.append(render(source, this.env, false));
    this.element.append(block);
    this.blocks.push({ block, source });
    this.onBlock(block);
  }

  showTail() {
    this.tail = element("div", { class: "block" });
    this.tail.append(render(this.rest, copyEnvironment(this.env), true));
    this.element.append(this.tail);
  }

  removeTail() {
    if (this.tail) this.tail.remove();
    this.tail = null;
  }

  // Links may name an address that came later: [name][1] and then [1]: https://...
  end() {
    this.ended = true;
    if (!Object.keys(this.env.references).length) return;
    const env = { ...newEnvironment(), references: this.env.references };
    for (const { block, source } of this.blocks) {
      if (source.includes("[") || source.includes("#")) {
        block.replaceChildren(render(source, env, false));
      }
    }
  }
}
