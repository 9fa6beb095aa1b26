// Only in the page of chat_app(): sets a content security policy and the focus.
//
// The policy allows nothing from other sites. It is set here and not in the HTML,
// because Shiny servers add their own inline scripts to the page, which have run by
// now.
const policy = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  // KaTeX uses `style` attributes.
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
