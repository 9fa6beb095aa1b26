// Tests the built site in Chromium: audit.mjs SITE TOOLS. SITE is the folder of the site, TOOLS
// the folder in which npm installed lighthouse and axe-core. Checks that
// - no page loads anything from other sites or violates a rule of axe-core,
// - a page of each kind scores at least 95 in Lighthouse, also passes axe-core in the dark theme
//   and on a phone, and fits on the phone,
// - the search and the theme switch work,
// - the cheat sheet prints on one page.

import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [site, tools] = process.argv.slice(2).map((folder) => resolve(folder));
const require = createRequire(join(tools, "package.json"));
const load = async (name) => (await import(pathToFileURL(require.resolve(name)))).default;
const lighthouse = await load("lighthouse");
const puppeteer = await load("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// One page of each kind.
const kinds = {
  home: "index.html",
  "reference page": "reference/responses.html",
  article: "articles/conversation.html",
  "cheat sheet": "cheatsheet.html",
};
const minScore = 95;

const problems = [];
function check(holds, problem) {
  if (!holds) problems.push(problem);
}

function chromium() {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      // Try the next name.
    }
  }
  throw new Error("Chromium is not installed.");
}

const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

function serve() {
  const server = createServer((request, response) => {
    const path = join(site, decodeURIComponent(new URL(request.url, "http://site").pathname));
    if (!path.startsWith(site) || !existsSync(path) || statSync(path).isDirectory()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": types[extname(path)] ?? "text/plain" });
    createReadStream(path).pipe(response);
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(server)));
}

function pagesOfSite() {
  return readdirSync(site, { recursive: true }).filter((path) => path.endsWith(".html"));
}

const server = await serve();
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await puppeteer.launch({
  executablePath: chromium(),
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run"],
});

async function open(path, { theme = "light", width = 1280 } = {}) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  page.on("request", (request) => {
    const url = request.url();
    const isOwn = url.startsWith(origin) || url.startsWith("data:");
    check(isOwn, `${path} loads ${url}`);
  });
  page.on("response", (answer) => check(answer.ok(), `${path}: ${answer.url()} is missing`));
  page.on("pageerror", (error) => problems.push(`${path}: ${error.message}`));
  await page.goto(`${origin}/${path}`, { waitUntil: "load" });
  return page;
}

async function violations(path, options) {
  const page = await open(path, options);
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run());
  await page.close();
  for (const { id, nodes } of found.violations) {
    const where = Object.values(options ?? {}).join(", ");
    problems.push(`${path} (${where}): axe-core ${id}: ${nodes[0].html.slice(0, 150)}`);
  }
  return found.violations.length;
}

async function scores(path) {
  const { port } = new URL(browser.wsEndpoint());
  const { lhr } = await lighthouse(`${origin}/${path}`, {
    port: Number(port),
    output: "json",
    logLevel: "error",
    onlyCategories: ["accessibility", "best-practices"],
  });
  return ["accessibility", "best-practices"].map((category) => {
    const score = Math.round(lhr.categories[category].score * 100);
    const failed = lhr.categories[category].auditRefs
      .map(({ id }) => lhr.audits[id])
      .filter((audit) => audit.score !== null && audit.score < 1)
      .map((audit) => audit.id);
    check(score >= minScore, `${path}: ${category} ${score}: ${failed.join(", ")}`);
    return score;
  });
}

async function printedPages(path) {
  const page = await open(path);
  const pdf = Buffer.from(await page.pdf({ preferCSSPageSize: true, printBackground: true }));
  await page.close();
  const text = pdf.toString("latin1");
  const [, width, height] = text.match(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/) ?? [];
  const isA4 = Math.abs(width - 842) < 2 && Math.abs(height - 595) < 2;
  check(isA4, `${path}: prints on ${width} x ${height} points, not on A4 landscape`);
  const pages = text.match(/\/Type\s*\/Page\b/g).length;
  check(pages === 1, `${path}: prints on ${pages} pages`);
  return pages;
}

async function searchWorks() {
  const page = await open(kinds["reference page"]);
  await page.type("#search", "upload_and_poll");
  await page.waitForSelector(".found a");
  await page.keyboard.press("ArrowDown");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  check(/reference\/vector_stores_file/.test(page.url()), `The search leads to ${page.url()}`);
  await page.close();
}

async function themeIsRemembered() {
  const page = await open(kinds.home);
  await page.click(".theme");
  await page.goto(`${origin}/${kinds.article}`);
  const [theme, colour] = await page.evaluate(() => [
    document.documentElement.dataset.theme,
    getComputedStyle(document.body).backgroundColor,
  ]);
  check(theme === "dark" && colour === "rgb(20, 24, 30)", `The dark theme is ${theme}, ${colour}`);
  await page.evaluate(() => localStorage.clear());
  await page.close();
}

async function fitsOnPhone(path) {
  const page = await open(path, { width: 360 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  check(width <= 360, `${path} is ${width} pixels wide on a phone of 360`);
  await page.close();
}

try {
  const rows = [];
  for (const [kind, path] of Object.entries(kinds)) {
    const [accessibility, practices] = await scores(path);
    await violations(path, { theme: "dark" });
    await violations(path, { theme: "light", width: 360 });
    await fitsOnPhone(path);
    rows.push({ page: kind, accessibility, "best practices": practices });
  }
  console.table(rows);
  const pages = pagesOfSite();
  let broken = 0;
  for (const path of pages) broken += await violations(path, { theme: "light" });
  console.log(`axe-core: ${broken} violations on ${pages.length} pages`);
  await searchWorks();
  await themeIsRemembered();
  console.log(`Printed pages of the cheat sheet: ${await printedPages(kinds["cheat sheet"])}`);
} finally {
  await browser.close();
  server.close();
}
if (problems.length) {
  console.error([...new Set(problems)].join("\n"));
  process.exit(1);
}
