// Code blocks: the language, a copy button and syntax highlighting.
import { button, element } from "./elements.js";

// Longer code is only highlighted when it is complete, and very long code never.
const maxGrowingLength = 8000;
const maxLength = 100000;

let highlighter = null;
let loading = null;

export function loadHighlighter() {
  loading ??= import("./lib/highlight.js/highlight.min.js").then((library) => {
    highlighter = library.default;
  });
  return loading;
}

export function decorateCode(fragment, growing) {
  for (const code of fragment.querySelectorAll("pre > code")) {
    const language = code.className.replace("language-", "");
    const pre = code.parentElement;
    const box = element("div", { class: "code" });
    pre.replaceWith(box);
    pre.tabIndex = 0;
    box.append(
      element("div", { class: "bar" },
        element("span", {}, language),
        button("copy", "Copy", (event) => copyFrom(event.currentTarget, code.textContent))),
      pre,
    );
    if (code.textContent.length <= (growing ? maxGrowingLength : maxLength)) {
      highlight(code, language);
    }
  }
}

export function highlight(code, language) {
  if (!language) return;
  if (!highlighter) {
    loadHighlighter().then(() => highlight(code, language), () => {});
  } else if (highlighter.getLanguage(language)) {
    // The library escapes the code and adds spans with classes.
    code.innerHTML = highlighter.highlight(
      code.textContent, { language, ignoreIllegals: true },
    ).value;
  }
}

// Copies `text`, and shows the outcome on the button for two seconds.
export async function copyFrom(button, text) {
  const label = button.textContent;
  button.textContent = (await copy(text)) ? "Copied" : "Not copied";
  button.disabled = true;
  setTimeout(() => {
    button.textContent = label;
    button.disabled = false;
  }, 2000);
}

// The Clipboard API is missing in pages loaded by http from another host, and is
// blocked in some frames; the deprecated command works there.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const area = element("textarea", { "aria-hidden": "true" });
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return copied;
  }
}
