// Renders Markdown in the page of the chat app, streamed and as a whole. Returns a
// promise of a list of problems: elements and attributes that are not allowed, and
// streamed text that is rendered differently.
(async (base, texts) => {
  const { GrowingText } = await import(`${base}growing_text.js`);
  const problems = [];
  const turns = document.querySelector(".turns");
  const nextFrame = () => new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve, 0));
  });

  const tags = new Set(("a blockquote br button code del div em h2 h3 h4 h5 h6 hr img li ol p pre s span " +
    "strong table tbody td th thead tr ul").split(" "));
  const attributes = new Set(("alt aria-label class href rel role src start tabindex target title type").split(" "));
  const inFormulas = new Set(("span math semantics annotation mrow mi mo mn ms mtext mspace msup msub " +
    "msubsup mfrac msqrt mroot munder mover munderover mtable mtr mtd mstyle mpadded mphantom menclose " +
    "mglyph svg path line g").split(" "));
  const formulaAttributes = new Set(("aria-hidden class style xmlns encoding display width height viewBox d " +
    "preserveAspectRatio mathvariant stretchy fence separator lspace rspace minsize maxsize accent " +
    "accentunder scriptlevel displaystyle columnalign rowspacing columnspacing linethickness mathcolor " +
    "mathbackground mathsize voffset depth x1 x2 y1 y2 stroke-width title notation form movablelimits symmetric " +
    "rowlines columnlines linebreak").split(" "));

  function check(root, source) {
    const report = (what) => problems.push(`${what} of ${JSON.stringify(source)}`);
    for (const each of root.querySelectorAll("*")) {
      const tag = each.localName;
      const formula = each.closest(".katex, .katex-display, .katex-error");
      if (!(formula ? inFormulas : tags).has(tag)) report(`<${tag}>`);
      for (const { name, value } of each.attributes) {
        if (!(formula ? formulaAttributes : attributes).has(name)) report(`${tag} ${name}`);
        if (name === "style" && /url|expression|@import|position: *fixed/i.test(value)) report(value);
      }
      if (each.hasAttribute("href")) {
        if (tag !== "a" || !/^(https?|mailto):$/.test(each.protocol)) report(each.outerHTML);
        if (each.target !== "_blank" || !/noopener/.test(each.rel)) report(each.outerHTML);
      }
      if (each.hasAttribute("src") && (tag !== "img" ||
        !/^data:image\/(png|jpeg|gif|webp);base64,/i.test(each.getAttribute("src")))) report(each.outerHTML);
    }
  }

  function show(source, sizes) {
    const text = new GrowingText();
    turns.append(text.element);
    let end = 0;
    for (const size of sizes) {
      end = Math.min(end + size, source.length);
      while (!text.update(source.slice(0, end), false));
      check(text.element, source);
    }
    while (!text.update(source, true));
    check(text.element, source);
    return text.element;
  }

  // Loads the libraries for code and formulas, which load when they are first used.
  show("```r\n1\n```\n\n$x$\n", []);
  while (!turns.querySelector(".katex") || !turns.querySelector(".hljs-number")) await nextFrame();
  turns.replaceChildren();

  for (const [source, sizes] of texts) {
    const whole = show(source, []).innerHTML;
    const streamed = show(source, sizes).innerHTML;
    if (whole !== streamed) {
      const at = [...whole].findIndex((each, index) => each !== streamed[index]);
      const [found, expected] = [streamed, whole].map((html) => html.slice(Math.max(at - 60, 0), at + 60));
      problems.push(`streamed ${JSON.stringify(source)} by ${sizes}: "${found}" and not "${expected}"`);
    }
    if (turns.childElementCount > 40) {
      await nextFrame();
      turns.replaceChildren();
    }
  }
  await nextFrame();
  return problems;
})
