// The list of the conversations that the browser keeps: choose, rename, delete.
import { button, element, iconButton } from "./elements.js";

export class ConversationList {
  // `panel` is the element of R/chat_page.R; `actions` has the functions
  // list(), current(), choose(id), rename(id, title) and remove(id).
  constructor(panel, actions) {
    this.panel = panel;
    this.actions = actions;
    this.items = element("ul", { class: "items" });
    panel.append(this.items);
  }

  get open() {
    return !this.panel.hidden;
  }

  async toggle(open) {
    this.panel.hidden = !open;
    if (!open) return;
    await this.refresh();
    (this.items.querySelector("[aria-current]") ?? this.items.querySelector("button"))?.focus();
  }

  async refresh() {
    if (!this.open) return;
    const all = await this.actions.list();
    this.items.replaceChildren(...(all.length
      ? all.map((each) => this.item(each))
      : [element("li", { class: "none" }, "Conversations appear here.")]));
  }

  item({ id, title, changed, streaming }) {
    const item = element("li", { class: "item" });
    const current = id === this.actions.current();
    item.append(
      button("choose", "", () => this.actions.choose(id), { "aria-current": current && "true" }),
      iconButton("rename", "pencil", `Rename ${title}`, () => this.rename(item, id, title)),
      iconButton("delete", "bin", `Delete ${title}`, () => this.confirm(item, id)),
    );
    item.firstChild.append(
      element("span", { class: "title" }, title),
      element("span", { class: "when" }, streaming ? "answering …" : when(changed)),
    );
    return item;
  }

  rename(item, id, title) {
    const input = element("input", {
      type: "text", class: "new-title", "aria-label": "Title", maxlength: "200",
      autocomplete: "off",
    });
    input.value = title;
    let over = false;
    const end = async (keep) => {
      if (over) return;
      over = true;
      if (keep && input.value.trim()) await this.actions.rename(id, input.value.trim());
      await this.refresh();
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") end(event.key === "Enter");
    });
    input.addEventListener("blur", () => end(true));
    item.replaceChildren(input);
    input.select();
  }

  confirm(item, id) {
    const keep = button("keep", "Keep", () => this.refresh());
    item.replaceChildren(
      button("delete-now", "Delete", async () => {
        await this.actions.remove(id);
        await this.refresh();
        this.items.querySelector("button")?.focus();
      }),
      keep,
    );
    keep.focus();
  }
}

function when(changed) {
  const date = new Date(changed);
  return date.toDateString() === new Date().toDateString()
    ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });
}
