// The list of the conversations that the browser keeps.
import { element } from "./elements.js";
import { ListItem } from "./list_item.js";

export class ConversationList {
  // `panel` is the element of R/chat_page.R; `actions` has the functions
  // list(), current(), choose(id), rename(id, title) and remove(id).
  constructor(panel, actions) {
    this.panel = panel;
    this.actions = actions;
    this.items = new Map();
    this.refreshes = 0;
    this.box = element("ul", { class: "items" });
    this.none = element("li", { class: "none" }, "Conversations appear here.");
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

  // Items stay in the page, and move only if their order changes: a list that is
  // refreshed while an answer streams must not take a click or the focus away.
  async refresh() {
    if (!this.open) return;
    this.refreshes += 1;
    const refresh = this.refreshes;
    const all = await this.actions.list();
    if (refresh !== this.refreshes) return;
    const current = this.actions.current();
    const old = this.items;
    this.items = new Map(all.map((each) => {
      const item = old.get(each.id) ?? new ListItem(each.id, this);
      item.update(each, each.id === current);
      return [each.id, item];
    }));
    const shown = [...this.items.values()].map((item) => item.element);
    if (!shown.length) shown.push(this.none);
    const before = [...this.box.children];
    if (shown.length !== before.length || shown.some((each, at) => each !== before[at])) {
      const focused = document.activeElement;
      this.box.replaceChildren(...shown);
      if (this.box.contains(focused)) focused.focus();
    }
  }

  async remove(id) {
    await this.actions.remove(id);
    await this.refresh();
    this.box.querySelector("button")?.focus();
  }
}
