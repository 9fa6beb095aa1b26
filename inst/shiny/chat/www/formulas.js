// Formulas in Markdown: \( \), \[ \], $$ $$ and $ $, rendered by KaTeX. Text between
// single dollars is not a formula if it begins with a digit or a space, ends with a
// space or is followed by a digit: $5 is a price.

const options = {
  trust: false, strict: "ignore", throwOnError: false, maxSize: 20, maxExpand: 200,
};

const displays = [["$$", "$$"], ["\\[", "\\]"]];
const inlines = [["\\(", "\\)"], ["$$", "$$"], ["\\[", "\\]"]];

// A plugin of markdown-it.
export function formulas(markdown) {
  markdown.inline.ruler.before("escape", "formula", inlineFormula);
  markdown.block.ruler.before("fence", "formula_block", formulaBlock, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
  const escape = markdown.utils.escapeHtml;
  markdown.renderer.rules.formula = (tokens, index) => {
    const { content, markup } = tokens[index];
    const display = markup === "$$" || markup === "\\[";
    return `<span class="formula${display ? " display" : ""}">${escape(content)}</span>`;
  };
  markdown.renderer.rules.formula_block = (tokens, index) => {
    const { content, meta } = tokens[index];
    return meta.closed
      ? `<div class="formula display">${escape(content)}</div>\n`
      : `<p>${escape(content)}</p>\n`;
  };
}

function inlineFormula(state, silent) {
  const { src, pos } = state;
  const pair = inlines.find(([open]) => src.startsWith(open, pos));
  const found = pair ? between(src, pos, ...pair) : betweenDollars(src, pos);
  if (!found || found.end > state.posMax) return false;
  if (!silent) {
    const token = state.push("formula", "span", 0);
    token.content = found.content;
    token.markup = pair ? pair[0] : "$";
  }
  state.pos = found.end;
  return true;
}

function between(src, pos, open, close) {
  const end = src.indexOf(close, pos + open.length);
  const content = src.slice(pos + open.length, end);
  return end < 0 || !content.trim() ? null : { content, end: end + close.length };
}

function betweenDollars(src, pos) {
  const match = /\$([^\s\d$](?:[^$\\\n]|\\.)*?)\$(?!\d)/y;
  match.lastIndex = pos;
  const found = match.exec(src);
  if (!found || /\s$/.test(found[1])) return null;
  return { content: found[1], end: match.lastIndex };
}

// A formula that starts at the beginning of a line and ends at the end of a line,
// without an empty line. While the text grows, a formula without an end is also a
// block, so that its lines are not parsed as other blocks, such as lists.
function formulaBlock(state, startLine, endLine, silent) {
  const lineAt = (line) =>
    state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);
  const pair = displays.find(([open]) => lineAt(startLine).startsWith(open));
  if (!pair || state.sCount[startLine] - state.blkIndent >= 4) return false;
  const [open, close] = pair;
  const lines = [];
  let closed = false;
  let line = startLine;
  while (line < endLine && !closed) {
    if (!lineAt(line) || state.sCount[line] < state.blkIndent) return false;
    const text = line === startLine ? lineAt(line).slice(open.length) : lineAt(line);
    const end = text.indexOf(close);
    closed = end >= 0;
    if (closed && text.slice(end + close.length).trim()) return false;
    lines.push(closed ? text.slice(0, end) : text);
    line += 1;
  }
  const content = lines.join("\n").trim();
  if (!(closed ? content : state.env.growing)) return false;
  // More text on the same line would make it part of the preceding paragraph.
  const whole = !state.env.growing || state.eMarks[line - 1] < state.src.length;
  if (silent) return closed && whole;
  const token = state.push("formula_block", "div", 0);
  token.content = closed ? content : `${open}\n${content}`;
  token.meta = { closed };
  token.map = [startLine, line];
  state.line = line;
  return true;
}

// Returns the position of the first line that may begin a formula of several lines in
// a growing text; Infinity if there is none. Until an empty line or the end of the
// formula has arrived, the lines after it may be part of the formula or other blocks,
// such as lists.
export function undecidedFormula(source) {
  const lines = source.split("\n");
  const last = lines.length - 1;
  const begin = lines.findLastIndex((line, at) => at < last && !line.trim()) + 1;
  let offset = lines.slice(0, begin).join("\n").length + (begin > 0 ? 1 : 0);
  let line = begin;
  while (line <= last) {
    const opening = /^ {0,3}(\$\$|\\\[)/.exec(lines[line]);
    let next = line + 1;
    if (opening) {
      const [, close] = displays.find(([open]) => open === opening[1]);
      const closing = lines.findIndex((text, at) => at >= line &&
        text.includes(close, at === line ? opening[0].length : 0));
      if (closing < 0 || closing === last) return offset;
      next = closing + 1;
    }
    offset += lines.slice(line, next).join("\n").length + 1;
    line = next;
  }
  return Infinity;
}

let katex = null;
let loading = null;

export function loadFormulas() {
  loading ??= Promise.all([
    import("./lib/katex/katex.min.js"),
    addStyles(new URL("./lib/katex/katex.min.css", import.meta.url)),
  ]).then(() => {
    katex = window.katex;
  });
  return loading;
}

function addStyles(url) {
  return new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement("link"), {
      rel: "stylesheet", href: url, onload: resolve, onerror: reject,
    });
    document.head.append(link);
  });
}

export function decorateFormulas(fragment) {
  for (const span of fragment.querySelectorAll(".formula")) {
    if (katex) show(span);
    else loadFormulas().then(() => show(span), () => {});
  }
}

// Caches formulas, because those of a growing block are rendered in each frame.
const drawn = new Map();
const mostDrawn = 500;

function show(span) {
  const tex = span.textContent;
  const displayMode = span.classList.contains("display");
  const key = `${displayMode} ${tex}`;
  if (!drawn.has(key)) {
    const made = document.createElement("span");
    try {
      katex.render(tex, made, { ...options, displayMode });
    } catch {
      return;
    }
    if (drawn.size >= mostDrawn) drawn.clear();
    drawn.set(key, made);
  }
  span.replaceChildren(...drawn.get(key).cloneNode(true).childNodes);
}
