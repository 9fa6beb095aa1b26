// Light and dark: as the system wants it, until a person chooses.
const key = "openaistream-chat-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export class Theme {
  constructor(chat) {
    this.chat = chat;
    this.show();
    system.addEventListener("change", () => this.show());
    window.addEventListener("storage", (event) => event.key === key && this.show());
  }

  get name() {
    return kept() ?? (system.matches ? "dark" : "light");
  }

  show() {
    this.chat.dataset.theme = this.name;
  }

  // What equals the system's is not kept, so that it follows the system again.
  change() {
    const name = this.name === "dark" ? "light" : "dark";
    try {
      if (system.matches === (name === "dark")) localStorage.removeItem(key);
      else localStorage.setItem(key, name);
    } catch {
      // A browser that keeps nothing changes this page alone.
    }
    this.chat.dataset.theme = name;
  }
}

function kept() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
