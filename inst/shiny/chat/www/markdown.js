// Converts untrusted Markdown to nodes of the page. HTML in it is shown as text, and
// the purifier only allows the tags and attributes below: no scripts, no styles, and
// nothing that a browser would load.
import "./lib/dompurify/purify.min.js";
import markdownit from "./lib/markdown-it/markdown-it.min.js";
import { decorateCode, loadHighlighter } from "./code.js";
import { isPicture } from "./conversation.js";
import { element } from "./elements.js";
import { decorateFormulas, formulas, loadFormulas, undecidedFormula } from "./formulas.js";

const rules = {
  ALLOWED_TAGS: [
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li",
    "ol", "p", "pre", "s", "span", "div", "strong", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
  ],
  ALLOWED_ATTR: ["alt", "class", "href", "src", "start", "title"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

const ownClasses = /^(language-[\w+#.-]+|align-(left|center|right)|formula( display)?)$/;

const allowed = {
  class: (value) => ownClasses.test(value),
  href: isLink,
  src: isPicture,
};

const purifier = DOMPurify(window);
purifier.setConfig(rules);
purifier.addHook("uponSanitizeAttribute", (node, attribute) => {
  const accepts = allowed[attribute.attrName];
  if (accepts && !accepts(attribute.attrValue)) attribute.keepAttr = false;
});
purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName === "A" && node.hasAttribute("href")) {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
});

const markdown = markdownit({ breaks: true, linkify: true }).use(formulas);
// Do not link names such as script.R and README.md, which are files and not hosts.
markdown.linkify.set({ fuzzyEmail: false, fuzzyLink: false });
markdown.validateLink = (url) => isLink(url) || isPicture(url);

function isLink(url) {
  return /^(https?:\/\/[^/]|mailto:.)/i.test(url);
}

// Pictures of other hosts become links, because loading them would reveal to the host
// who reads the answer, and when.
markdown.renderer.rules.image = (tokens, index, options, env, self) => {
  const token = tokens[index];
  const url = token.attrGet("src");
  const escape = markdown.utils.escapeHtml;
  const alt = escape(self.renderInlineAsText(token.children, options, env));
  return isPicture(url)
    ? `<img src="${escape(url)}" alt="${alt}">`
    : `<a href="${escape(url)}">${alt || escape(url)}</a>`;
};

// Changes the levels of headings so that they start below the page's own heading and
// have no gaps. `env.headings` are the levels of the enclosing headings.
markdown.core.ruler.push("headings", (state) => {
  for (const token of state.tokens) {
    if (token.type === "heading_open") {
      const level = Number(token.tag.slice(1));
      const open = state.env.headings.filter((each) => each < level);
      state.env.headings = [...open, level];
    }
    if (token.type.startsWith("heading_")) {
      token.tag = `h${Math.min(state.env.headings.length + 1, 6)}`;
    }
  }
});

// Whether a list has empty lines between its items is only known at its end, so
// they are ignored: an item has paragraphs if it contains more than one.
markdown.core.ruler.push("items", (state) => {
  const open = [];
  for (const token of state.tokens) {
    const item = open.at(-1);
    if (token.type === "list_item_open") {
      open.push({ level: token.level + 1, paragraphs: [] });
    } else if (token.type === "list_item_close") {
      const { paragraphs } = open.pop();
      const alone = paragraphs.length === 2;
      paragraphs.forEach((each) => {
        each.hidden = alone;
      });
    } else if (token.type.startsWith("paragraph_") && token.level === item?.level) {
      item.paragraphs.push(token);
    }
  }
});

markdown.core.ruler.push("columns", (state) => {
  for (const token of state.tokens) {
    const style = /^t[hd]_open$/.test(token.type) && token.attrGet("style");
    if (style) token.attrs = [["class", style.replace("text-align:", "align-")]];
  }
});

// Rendered once, because what the browser has not yet compiled is slow.
const sample = "# a\n\n**b** \\(x_i^2\\)\n\n- c\n\n```r\nd <- 1\n```\n\n| e |\n|---|\n| f |\n";

// Loads and warms up the libraries for code and formulas when the page is idle, before
// an answer needs them. Safari has no idle callbacks.
export function prepare() {
  const whenIdle = window.requestIdleCallback ?? setTimeout;
  whenIdle(async () => {
    await Promise.allSettled([loadHighlighter(), loadFormulas()]);
    whenIdle(() => render(sample, newEnvironment(), false));
  });
}

// The state shared by the parts of a text that are rendered one after the other.
export function newEnvironment() {
  return { references: {}, headings: [] };
}

export function copyEnvironment(env) {
  return { references: { ...env.references }, headings: env.headings };
}

// Returns the nodes of Markdown; `growing` if its last block may be incomplete.
export function render(source, env, growing) {
  env.growing = growing;
  const fragment = purifier.sanitize(markdown.render(source, env));
  for (const node of [...fragment.childNodes]) {
    if (node.nodeType === Node.TEXT_NODE && !node.data.trim()) node.remove();
  }
  for (const table of fragment.querySelectorAll("table")) {
    const box = element("div", {
      class: "table-frame", role: "region", "aria-label": "Table", tabindex: "0",
    });
    table.replaceWith(box);
    box.append(table);
  }
  decorateCode(fragment, growing);
  decorateFormulas(fragment);
  return fragment;
}

// Returns the positions at which Markdown can be split: { at, inList } for each block
// and, with `inList`, for each item of a list. While the text grows, a block whose
// first line (first two lines of a table) is incomplete is left out, because it may
// turn out to be part of the preceding block.
export function cuts(source, growing) {
  const tokens = [];
  markdown.block.parse(source, markdown, { references: {}, growing }, tokens);
  const lines = lineStarts(source);
  const undecided = growing ? undecidedFormula(source) : Infinity;
  const found = [];
  let last = -1;
  for (const { level, map, nesting, type } of tokens) {
    const inList = level === 1 && type === "list_item_open";
    if (!map || nesting < 0 || !(level === 0 || inList) || map[0] === last) continue;
    last = map[0];
    const whole = lines[last + (type === "table_open" ? 2 : 1)] !== undefined;
    if ((whole || !growing) && lines[last] <= undecided) found.push({ at: lines[last], inList });
  }
  return found;
}

function lineStarts(source) {
  const starts = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}
