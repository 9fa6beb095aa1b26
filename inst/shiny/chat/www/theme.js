// Light and dark: as the system wants it, until a person chooses.
import { recall, remember } from "./memory.js";

const key = "openaistream-chat-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export class Theme {
  constructor(chat) {
    this.chat = chat;
    this.show(this.wanted());
    system.addEventListener("change", () => this.show(this.wanted()));
    window.addEventListener("storage", (event) => event.key === key && this.show(this.wanted()));
  }

  wanted() {
    return recall("localStorage", key) ?? (system.matches ? "dark" : "light");
  }

  show(name) {
    this.chat.dataset.theme = name;
  }

  // What equals the system's is not kept, so that it follows the system again.
  change() {
    const name = this.chat.dataset.theme === "dark" ? "light" : "dark";
    remember("localStorage", key, system.matches === (name === "dark") ? null : name);
    this.show(name);
  }
}
