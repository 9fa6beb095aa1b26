// The colour theme, the search and the copy buttons of the site. Everything else works without
// JavaScript.

const root = document.documentElement;

function isDark() {
  return root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
}

function themeButton() {
  const button = document.querySelector(".theme");
  const show = () => {
    const other = isDark() ? "light" : "dark";
    button.textContent = other === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", button.textContent + ": switch to " + other + " colours");
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch (error) {
      // Without storage, the choice only applies to this page.
    }
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
}

function copyButtons() {
  for (const block of document.querySelectorAll("div.sourceCode")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      // Do not copy output.
      const lines = block.querySelector("pre").textContent.split("\n");
      const code = lines.filter((line) => !line.startsWith("#>")).join("\n");
      await navigator.clipboard.writeText(code.trim() + "\n");
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    block.append(button);
  }
}

// The index is a script, so that the search also works in a site opened from a local folder.
let loading = null;
function index(from) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = from + "search.js";
    script.onload = () => resolve(window.searchIndex);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

// The relevance of a section: it must contain all words, and matches in the title count more.
function score(section, words) {
  const title = section.title.toLowerCase();
  const all = (title + " " + section.page + " " + section.text).toLowerCase();
  if (!words.every((word) => all.includes(word))) return 0;
  const inTitle = words.filter((word) => title.includes(word)).length;
  const isTitle = title.replace(/[()]/g, "") === words.join(" ");
  return 1 + 10 * inTitle + (isTitle ? 100 : 0) + (section.top ? 5 : 0);
}

function search() {
  const form = document.querySelector(".search");
  const input = form.querySelector("input");
  const box = form.querySelector(".found");
  const list = box.querySelector("ul");
  const count = box.querySelector(".count");
  const from = form.dataset.root;
  const close = () => (box.hidden = true);

  async function show() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return close();
    const sections = await index(from);
    const found = sections
      .map((section) => ({ section, points: score(section, words) }))
      .filter((it) => it.points > 0)
      .sort((a, b) => b.points - a.points);
    list.replaceChildren(
      ...found.slice(0, 20).map(({ section }) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = from + section.path;
        link.textContent = section.title;
        const place = document.createElement("small");
        place.textContent = section.page;
        link.append(place);
        item.append(link);
        return item;
      }),
    );
    count.textContent = found.length === 1 ? "1 section" : found.length + " sections";
    box.hidden = false;
  }

  input.addEventListener("input", show);
  input.addEventListener("focus", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  form.addEventListener("keydown", (event) => {
    const stops = [input, ...list.querySelectorAll("a")];
    const place = stops.indexOf(document.activeElement);
    if (event.key === "ArrowDown") stops[place + 1]?.focus();
    else if (event.key === "ArrowUp") stops[Math.max(place - 1, 0)].focus();
    else if (event.key === "Escape") {
      close();
      input.focus();
      close();
    } else return;
    event.preventDefault();
  });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) close();
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      input.focus();
    }
  });
}

themeButton();
copyButtons();
search();
