// Shows one conversation, keeps its end in view, and announces answers to screen
// readers.
import { button, element } from "./elements.js";
import { Answer, Question } from "./turns.js";

// The distance from the end in pixels up to which the view follows the end.
const nearEnd = 60;

// Milliseconds between updates of the text for screen readers. Each update takes time
// that frames need while an answer arrives fast.
const speakEvery = 500;

export class View {
  constructor(messages, onRetry) {
    this.messages = messages;
    this.onRetry = onRetry;
    this.turns = element("div", { class: "turns" });
    this.spoken = element("div", { class: "unseen", role: "log", "aria-live": "polite" });
    this.toEnd = button("to-end", "", () => this.scrollToEnd(), { hidden: true });
    this.toEnd.append("To the end");
    messages.replaceChildren(this.turns);
    messages.after(this.spoken, this.toEnd);
    this.frame = null;
    this.atEnd = true;
    this.shown = [];
    this.unspoken = [];
    this.follow();
  }

  show(conversation) {
    this.conversation = conversation;
    this.shown = [];
    this.turns.replaceChildren();
    this.clearSpoken();
    this.atEnd = true;
    this.update();
  }

  // Shows what is new in the next frame.
  updateSoon() {
    this.frame ??= requestAnimationFrame(() => this.update());
  }

  update() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    const { turns } = this.conversation;
    this.shown.splice(turns.length).forEach((each) => each.view.element.remove());
    let all = true;
    turns.forEach((turn, index) => {
      if (this.shown[index]?.turn !== turn) this.addTurn(turn, index);
      all = this.shown[index].view.update() && all;
    });
    const busy = turns.at(-1)?.state === "streaming";
    this.messages.setAttribute("aria-busy", String(busy));
    if (!all) this.updateSoon();
  }

  addTurn(turn, index) {
    this.shown.splice(index).forEach((each) => each.view.element.remove());
    const speak = turn.state === "streaming";
    const view = turn.role === "user"
      ? new Question(turn)
      : new Answer(turn, (nodes) => speak && this.speak(nodes), this.onRetry);
    this.turns.append(view.element);
    this.shown.push({ turn, view });
  }

  // Screen readers announce complete blocks, not each token, and only "Code" for a
  // block of code.
  speak(nodes) {
    if (!this.unspoken.length) this.timer = setTimeout(() => this.speakNow(), speakEvery);
    this.unspoken.push(...nodes);
  }

  speakNow() {
    const items = this.unspoken.flatMap((node) =>
      /^[OU]L$/.test(node.tagName) ? [...node.children] : [node]);
    const texts = items.map((node) =>
      node.className === "code" ? "Code" : node.textContent.trim());
    this.spoken.append(...texts.filter(Boolean).map((text) => element("p", {}, text)));
    this.unspoken = [];
  }

  clearSpoken() {
    clearTimeout(this.timer);
    this.unspoken = [];
    this.spoken.replaceChildren();
  }

  scrollToEnd() {
    this.atEnd = true;
    this.messages.scrollTop = this.messages.scrollHeight;
  }

  // Keeps the end in view while the conversation grows, if the reader is at the end.
  follow() {
    const { messages } = this;
    messages.addEventListener("scroll", () => {
      const distance = messages.scrollHeight - messages.scrollTop - messages.clientHeight;
      this.atEnd = distance < nearEnd;
      this.toEnd.hidden = this.atEnd;
    }, { passive: true });
    const sizes = new ResizeObserver(() => {
      if (this.atEnd) this.scrollToEnd();
    });
    sizes.observe(this.turns);
    sizes.observe(messages);
  }
}
