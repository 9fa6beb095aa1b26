// The page of chat_app() alone, whose chat has the focus.
//
// From now on a browser loads and runs nothing that is not of this site. The policy
// is no tag of the page, since servers of Shiny apps write scripts of their own into
// pages, which have run by now.
const policy = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  // KaTeX sets the size of some parts of formulas so.
  "style-src-attr 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
];

const meta = document.createElement("meta");
meta.httpEquiv = "Content-Security-Policy";
meta.content = policy.join("; ");
document.head.append(meta);

document.querySelector("openaistream-chat textarea").focus();
