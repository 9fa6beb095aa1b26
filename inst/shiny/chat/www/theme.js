// Light or dark: the system's setting, until the user chooses.
import { recall, remember } from "./memory.js";

const key = "openaistream-chat-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export class Theme {
  constructor(chat) {
    this.chat = chat;
    this.show(this.preferred());
    system.addEventListener("change", () => this.show(this.preferred()));
    window.addEventListener("storage", (event) => event.key === key && this.show(this.preferred()));
  }

  preferred() {
    return recall("localStorage", key) ?? (system.matches ? "dark" : "light");
  }

  show(name) {
    this.chat.dataset.theme = name;
  }

  // A choice equal to the system's setting is not stored, so that later changes of
  // the system apply again.
  change() {
    const name = this.chat.dataset.theme === "dark" ? "light" : "dark";
    remember("localStorage", key, system.matches === (name === "dark") ? null : name);
    this.show(name);
  }
}
