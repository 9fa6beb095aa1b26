// Questions and answers on the page.
import { copyFrom } from "./code.js";
import { button, element } from "./elements.js";
import { newPart } from "./parts.js";

export class Question {
  constructor(turn) {
    this.element = element("article", { class: "message user", "aria-label": "Question" });
    for (const part of turn.parts) {
      this.element.append(part.kind === "text"
        ? element("div", { class: "text" }, part.text)
        : newPart(part).element);
    }
  }

  update() {
    return true;
  }
}

const states = {
  stopped: "Stopped",
  lost: "The connection ended before the answer was complete.",
};

export class Answer {
  // `onBlock(nodes)` is called with each complete block of text, `onRetry()` when the
  // user asks the question again.
  constructor(turn, onBlock, onRetry) {
    this.turn = turn;
    this.onBlock = onBlock;
    this.onRetry = onRetry;
    this.parts = [];
    this.body = element("div", { class: "parts" });
    this.element = element("article", {
      class: "message assistant streaming", "aria-label": "Answer",
    }, this.body);
    this.ended = false;
  }

  // Shows what is new, and returns whether the whole answer is shown.
  update() {
    const ended = this.turn.state !== "streaming";
    let isAllShown = true;
    this.turn.parts.forEach((part, index) => {
      if (!this.parts[index]) {
        this.parts[index] = newPart(part, this.onBlock);
        this.body.append(this.parts[index].element);
      }
      const last = index === this.turn.parts.length - 1;
      isAllShown = this.parts[index].update(part, ended || !last) && isAllShown;
    });
    if (ended && isAllShown && !this.ended) this.end();
    return isAllShown;
  }

  end() {
    this.ended = true;
    const { state, error, usage, parts } = this.turn;
    this.element.classList.replace("streaming", state);
    const text = parts.filter((part) => part.kind === "text").map((part) => part.text).join("\n\n");
    if (states[state]) {
      this.element.append(element("p", { class: "state" }, states[state]));
    } else if (state === "complete" && !parts.length) {
      this.element.append(element("p", { class: "state" }, "The answer has no text"));
    }
    if (state === "failed") this.element.append(this.errorBox(error));
    if (state === "lost") this.element.append(this.retryButton());
    if (!text && !usage) return;
    this.element.append(element("div", { class: "foot" },
      text ? button("copy", "Copy", (event) => copyFrom(event.currentTarget, text), {
        "aria-label": "Copy answer",
      }) : "",
      usage ? element("span", { class: "usage" }, usage) : ""));
  }

  errorBox(error) {
    return element("div", { class: "error", role: "alert" },
      element("p", { class: "reason" }, error), this.retryButton());
  }

  retryButton() {
    return button("retry", "Try again", this.onRetry);
  }
}
