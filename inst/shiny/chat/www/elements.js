// Makes an element of the page. An attribute that is true has no value, one
// that is false or null is left out; strings among the children are text.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export function button(className, label, onClick, attributes = {}) {
  const made = element("button", { type: "button", class: className, ...attributes }, label);
  made.addEventListener("click", onClick);
  return made;
}

// A button that shows an icon of chat.css and is called `label`.
export function iconButton(className, icon, label, onClick) {
  const made = button(className, "", onClick, { "aria-label": label, title: label });
  made.append(element("span", { class: `icon icon-${icon}`, "aria-hidden": "true" }));
  return made;
}
