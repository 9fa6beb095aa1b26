// Creates an element. Attributes that are true are set without a value, those that
// are false or null are omitted. Children can be elements and text.
export function element(tag, attributes = {}, ...children) {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) created.setAttribute(name, "");
    else if (value !== false && value != null) created.setAttribute(name, value);
  }
  created.append(...children);
  return created;
}

export function button(className, label, onClick, attributes = {}) {
  const created = element("button", { type: "button", class: className, ...attributes }, label);
  created.addEventListener("click", onClick);
  return created;
}

// Creates a button with an icon from icons.css and the accessible name `label`.
export function iconButton(className, icon, label, onClick) {
  const created = button(className, "", onClick, { "aria-label": label, title: label });
  created.append(element("span", { class: `icon icon-${icon}`, "aria-hidden": "true" }));
  return created;
}
