// The list of the stored conversations.
import { element } from "./elements.js";
import { ListItem } from "./list_item.js";

export class ConversationList {
  // `panel` is the element created by R/chat_page.R; `actions` has the functions
  // list(), current(), choose(id), rename(id, title) and remove(id).
  constructor(panel, actions) {
    this.panel = panel;
    this.actions = actions;
    this.items = new Map();
    this.refreshes = 0;
    this.box = element("ul", { class: "items" });
    this.placeholder = element("li", { class: "none" }, "Conversations appear here.");
    panel.append(this.box);
  }

  get open() {
    return !this.panel.hidden;
  }

  async toggle(open) {
    this.panel.hidden = !open;
    if (!open) return;
    await this.refresh();
    (this.box.querySelector("[aria-current]") ?? this.box.querySelector("button"))?.focus();
  }

  // Keeps the items' elements, and only moves them if their order changes: a refresh
  // while an answer streams must not interrupt a click or remove the focus.
  async refresh() {
    if (!this.open) return;
    this.refreshes += 1;
    const refresh = this.refreshes;
    const conversations = await this.actions.list();
    if (refresh !== this.refreshes) return;
    const current = this.actions.current();
    const oldItems = this.items;
    this.items = new Map(conversations.map((each) => {
      const item = oldItems.get(each.id) ?? new ListItem(each.id, this);
      item.update(each, each.id === current);
      return [each.id, item];
    }));
    const elements = [...this.items.values()].map((item) => item.element);
    if (!elements.length) elements.push(this.placeholder);
    const old = [...this.box.children];
    if (elements.length !== old.length || elements.some((each, at) => each !== old[at])) {
      const focused = document.activeElement;
      this.box.replaceChildren(...elements);
      if (this.box.contains(focused)) focused.focus();
    }
  }

  async remove(id) {
    await this.actions.remove(id);
    await this.refresh();
    this.box.querySelector("button")?.focus();
  }
}
