// A conversation in the list, with buttons to choose, rename and delete it.
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
    this.rename = iconButton("rename", "pencil", "", () => this.editTitle());
    this.delete = iconButton("delete", "bin", "", () => this.confirmDelete());
    this.element = element("li", { class: "item" });
    this.showButtons();
  }

  // Leaves the field of a title that is being edited alone.
  update({ title, changed, streaming }, current) {
    this.title = title;
    setText(this.titleText, title);
    setText(this.whenText, streaming ? "answering …" : when(changed));
    if (current) this.choose.setAttribute("aria-current", "true");
    else this.choose.removeAttribute("aria-current");
    for (const [control, label] of [[this.rename, "Rename"], [this.delete, "Delete"]]) {
      control.title = `${label} ${title}`;
      control.setAttribute("aria-label", control.title);
    }
  }

  showButtons() {
    this.element.replaceChildren(this.choose, this.rename, this.delete);
  }

  editTitle() {
    const input = element("input", {
      type: "text", class: "new-title", "aria-label": "Title", maxlength: "200",
      autocomplete: "off",
    });
    input.value = this.title;
    let isDone = false;
    const finish = async (save, refocus) => {
      if (isDone) return;
      isDone = true;
      const title = input.value.trim();
      this.showButtons();
      if (refocus) this.rename.focus();
      if (save && title) await this.list.actions.rename(this.id, title);
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key !== "Enter" && event.key !== "Escape") return;
      // Otherwise Escape would close the list, and Enter would click the button that
      // receives the focus.
      event.stopPropagation();
      event.preventDefault();
      finish(event.key === "Enter", true);
    });
    input.addEventListener("blur", () => finish(true, false));
    this.element.replaceChildren(input);
    input.select();
  }

  confirmDelete() {
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
