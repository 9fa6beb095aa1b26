// Shows one conversation, follows its end, and tells screen readers what came.
import { button, element } from "./elements.js";
import { Answer, Question } from "./turns.js";

// So near to the end, in pixels, a reader is taken to be at it.
const nearEnd = 60;

export class View {
  constructor(messages, onAgain) {
    this.messages = messages;
    this.onAgain = onAgain;
    this.turns = element("div", { class: "turns" });
    this.spoken = element("div", { class: "unseen", role: "log", "aria-live": "polite" });
    this.toEnd = button("to-end", "", () => this.scrollToEnd(), { hidden: true });
    this.toEnd.append("To the end");
    messages.replaceChildren(this.turns);
    messages.after(this.spoken, this.toEnd);
    this.frame = null;
    this.atEnd = true;
    this.shown = [];
    this.follow();
  }

  show(conversation) {
    this.conversation = conversation;
    this.shown = [];
    this.turns.replaceChildren();
    this.spoken.replaceChildren();
    this.atEnd = true;
    this.update();
  }

  // Shows what is new with the next frame.
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
      : new Answer(turn, (nodes) => speak && this.speak(nodes), this.onAgain);
    this.turns.append(view.element);
    this.shown.push({ turn, view });
  }

  // What is complete, not each token; and of code only that there is some.
  speak(nodes) {
    for (const node of nodes) {
      const text = node.className === "code" ? "Code" : node.textContent.trim();
      if (text) this.spoken.append(element("p", {}, text));
    }
  }

  silence() {
    this.spoken.replaceChildren();
  }

  scrollToEnd() {
    this.atEnd = true;
    this.messages.scrollTop = this.messages.scrollHeight;
  }

  // Keeps the end in sight while what is shown grows, where the reader is there.
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
