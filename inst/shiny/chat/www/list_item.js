// A conversation in the list: a button to choose it, and others to rename and
// to delete it.
import { button, element, iconButton } from "./elements.js";

export class ListItem {
  constructor(id, list) {
    this.id = id;
    this.list = list;
    this.title = "";
    this.titleText = element("span", { class: "title" });
    this.whenText = element("span", { class: "when" });
    this.choose = button("choose", "", () => list.actions.choose(id));
    this.choose.append(this.titleText, this.whenText);
    this.rename = iconButton("rename", "pencil", "", () => this.askTitle());
    this.delete = iconButton("delete", "bin", "", () => this.confirm());
    this.element = element("li", { class: "item" });
    this.showButtons();
  }

  // Does not disturb a title that is being typed.
  update({ title, changed, streaming }, current) {
    this.title = title;
    setText(this.titleText, title);
    setText(this.whenText, streaming ? "answering …" : when(changed));
    if (current) this.choose.setAttribute("aria-current", "true");
    else this.choose.removeAttribute("aria-current");
    for (const [made, label] of [[this.rename, "Rename"], [this.delete, "Delete"]]) {
      made.title = `${label} ${title}`;
      made.setAttribute("aria-label", made.title);
    }
  }

  showButtons() {
    this.element.replaceChildren(this.choose, this.rename, this.delete);
  }

  askTitle() {
    const input = element("input", {
      type: "text", class: "new-title", "aria-label": "Title", maxlength: "200",
      autocomplete: "off",
    });
    input.value = this.title;
    let over = false;
    const end = async (keep, refocus) => {
      if (over) return;
      over = true;
      const title = input.value.trim();
      this.showButtons();
      if (refocus) this.rename.focus();
      if (keep && title) await this.list.actions.rename(this.id, title);
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key !== "Enter" && event.key !== "Escape") return;
      // Escape does not close the list, and Enter does not press the button that
      // gets the focus.
      event.stopPropagation();
      event.preventDefault();
      end(event.key === "Enter", true);
    });
    input.addEventListener("blur", () => end(true, false));
    this.element.replaceChildren(input);
    input.select();
  }

  confirm() {
    const keep = button("keep", "Keep", () => {
      this.showButtons();
      this.delete.focus();
    });
    this.element.replaceChildren(
      button("delete-now", "Delete", () => this.list.remove(this.id)), keep,
    );
    keep.focus();
  }
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function when(changed) {
  const date = new Date(changed);
  return date.toDateString() === new Date().toDateString()
    ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });
}
