// Looks at pages in Chromium as their readers do, and prints what is wrong, a line each. Called by tests/it/html_report.rs:
//
//     node-with-browser report.mjs check PAGE...
//     node-with-browser report.mjs picture PAGE PNG light|dark WIDTH HEIGHT [WHAT IT STARTS WITH]
//
// BROWSER_MODULES names the folder with puppeteer-core and axe-core.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { basename, delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.BROWSER_MODULES}/`);
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// What Jenkins sends with every archived file.
const JENKINS = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';";
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const findings = [];
const named = (path) => `${basename(dirname(path))}/${basename(path)}`;

// Opens a page and notes whatever it says or asks for. Scripts of ours run beside its own policy, not under it.
const open = async (browser, url, { theme = "light", width = 1280, height = 900 } = {}) => {
  const page = await browser.newPage();
  page.asked = [];
  page.said = [];
  page.on("request", (request) => page.asked.push(request.url()));
  page.on("console", (message) => page.said.push(message.text()));
  page.on("pageerror", (error) => page.said.push(String(error)));
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: theme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.goto(url);
  return page;
};

const must = (path, what, holds) => {
  if (!holds) findings.push(`${named(path)}: ${what}`);
};

const unfold = (page) => page.evaluate(() => {
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
});

// Every rule of axe, in both themes, on a wide screen and on a telephone; all four together for the richest page.
const LOOKS = [["light", 1280], ["dark", 400], ["light", 400], ["dark", 1280]];
const accessible = async (browser, path) => {
  for (const [theme, width] of named(path).startsWith("showcase/") ? LOOKS : LOOKS.slice(0, 2)) {
    const page = await open(browser, pathToFileURL(path), { theme, width });
    const place = `${theme}, ${width} wide`;
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    must(path, `${place}: the page is ${wide} wide`, wide <= width);
    await unfold(page);
    await page.evaluate(axe);
    const found = await page.evaluate((rules) => globalThis.axe.run({ runOnly: rules, resultTypes: ["violations"] }), RULES);
    for (const { id, nodes } of found.violations) {
      findings.push(`${named(path)}: ${place}: ${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 200)} ${node.failureSummary}`).join(" | ")}`);
    }
    must(path, `said ${page.said.join(" | ")}`, page.said.length === 0);
    must(path, `asked for ${page.asked.join(" ")}`, page.asked.length === 1);
    await page.close();
  }
};

// What the keyboard reaches, and whether one sees where it is.
const keyboard = async (browser, path) => {
  const page = await open(browser, pathToFileURL(path));
  await unfold(page);
  const wanted = await page.evaluate(() => {
    const seen = (element) => element.getClientRects().length > 0;
    const all = [...document.querySelectorAll("a[href], button, summary, [tabindex='0']")].filter(seen);
    all.forEach((element, index) => { element.dataset.stop = String(index); });
    return all.length;
  });
  const reached = new Set();
  for (let presses = 0; presses < wanted + 5; presses += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const at = document.activeElement;
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      const isVisible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      const bar = document.querySelector("nav");
      const under = bar && getComputedStyle(bar).position === "sticky" && !bar.contains(at) && !at.classList.contains("skip")
        && box.bottom <= bar.getBoundingClientRect().bottom && box.bottom > 0;
      return { stop: at.dataset.stop, isVisible, under: Boolean(under), html: at.outerHTML.slice(0, 120) };
    });
    if (stop.stop === undefined) continue;
    reached.add(stop.stop);
    must(path, `the focus cannot be seen on ${stop.html}`, stop.isVisible);
    must(path, `the focus is hidden behind the bar on ${stop.html}`, !stop.under);
  }
  must(path, `Tab reaches ${reached.size} of ${wanted} controls`, reached.size === wanted);
  await walk(page, path);
  await press(page, path);
  await page.close();
};

// The arrow keys in the heatmap.
const walk = async (page, path) => {
  const start = await page.$("#h td[tabindex='0']");
  if (!start) return;
  await start.focus();
  const place = () => page.evaluate(() => {
    const at = document.activeElement;
    const stops = document.querySelectorAll("#h td[tabindex='0']").length;
    const told = document.querySelector(".told").textContent;
    return [at.parentElement.rowIndex, at.cellIndex, stops, told.endsWith(at.ariaLabel)];
  });
  const [row, column] = await place();
  const steps = [["ArrowDown", 1, 0], ["ArrowLeft", 1, -1], ["ArrowUp", 0, -1], ["ArrowRight", 0, 0], ["Home", 0, 1 - column], ["End", 0, 0]];
  for (const [key, down, right] of steps) {
    await page.keyboard.press(key);
    const at = await place();
    const expected = [row + down, column + right, 1, true];
    must(path, `${key} leads to ${at}, not ${expected}`, String(at) === String(expected));
  }
};

// The buttons: sort, filter, values, copy.
const press = async (page, path) => {
  const table = await page.$("#t");
  if (!table) return;
  const sorted = async () => {
    await page.evaluate(() => document.querySelectorAll("#t thead button")[1].click());
    return page.evaluate(() => [...document.querySelectorAll("#t tbody th a")].map((name) => name.textContent.toLowerCase()));
  };
  const before = await page.evaluate(() => [...document.querySelectorAll("#t tbody th a")].map((name) => name.textContent.toLowerCase()));
  const up = await sorted();
  must(path, `sorted by name: ${up}`, String(up) === String([...up].sort((a, b) => (a < b ? -1 : 1))));
  const down = await sorted();
  must(path, `sorted backwards: ${down}`, String(down) === String([...up].reverse()) || new Set(up).size < up.length);
  must(path, "a third press restores the order", String(await sorted()) === String(before));
  const filtered = await page.evaluate(() => {
    const buttons = [...document.querySelectorAll("[role=group] button")];
    if (buttons.length < 2) return null;
    buttons[1].click();
    const count = (selector) => [...document.querySelectorAll(selector)].filter((row) => !row.hidden).length;
    const shown = [count("#t tbody tr"), count("article[id]"), Number(buttons[1].textContent.match(/\d+$/)[0])];
    buttons[0].click();
    return [...shown, document.querySelectorAll("[hidden]").length];
  });
  if (filtered) {
    const [rows, cards, told, hidden] = filtered;
    must(path, `filtered: ${filtered}`, rows === told && cards === told && hidden === 0);
  }
};

// On paper: every fold is open, and there is more than nothing.
const printed = async (browser, path) => {
  const page = await open(browser, pathToFileURL(path));
  const pdf = await page.pdf({ format: "A4" });
  must(path, "it cannot be printed", pdf.length > 10_000 && Buffer.from(pdf.subarray(0, 5)).toString() === "%PDF-");
  await page.close();
};

// As Jenkins serves it: no style, no script, and still every word, in order.
const inJenkins = async (browser, path) => {
  const html = readFileSync(path);
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/report.html" ? 200 : 404, { "Content-Type": "text/html", "Content-Security-Policy": JENKINS });
    response.end(request.url === "/report.html" ? html : "");
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const page = await open(browser, `http://127.0.0.1:${server.address().port}/report.html`);
  const blocked = await page.evaluate(() => ({
    tools: document.querySelectorAll(".tools, [role=grid], button").length,
    styled: getComputedStyle(document.body).marginLeft !== "8px",
    text: document.body.innerText,
    words: [...document.querySelectorAll("h1, h2, h3, th, dt, td.n, .lead, .steps li, .slo .t")].map((element) => element.innerText.trim()),
    drawn: [...document.querySelectorAll("svg.chart")].every((chart) => chart.getBoundingClientRect().width === 340),
  }));
  must(path, "in Jenkins: a script ran", blocked.tools === 0);
  must(path, "in Jenkins: a style applies", !blocked.styled);
  must(path, "in Jenkins: a drawing has no size", blocked.drawn);
  for (const word of blocked.words) must(path, `in Jenkins: ${word} is missing`, blocked.text.includes(word));
  const asked = page.asked.filter((url) => !url.endsWith("/favicon.ico"));
  must(path, `in Jenkins: asked for ${asked.join(" ")}`, asked.length === 1);
  await page.close();
  server.close();
};

const check = async (browser, pages) => {
  for (const path of pages) {
    await accessible(browser, path);
    await keyboard(browser, path);
    await printed(browser, path);
    await inJenkins(browser, path);
  }
  console.log(JSON.stringify({ pages: pages.length, findings }));
};

const picture = async (browser, [path, png, theme, width, height, first = "body"]) => {
  const page = await open(browser, pathToFileURL(path), { theme, width: Number(width) });
  const top = await page.evaluate((selector) => document.querySelector(selector).getBoundingClientRect().top, first);
  const clip = { x: 0, y: top, width: Number(width), height: Number(height) };
  writeFileSync(png, await page.screenshot({ clip, captureBeyondViewport: true }));
};

const [task, ...rest] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath: process.env.PATH.split(delimiter).map((folder) => join(folder, "chromium")).find(existsSync),
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
});
try {
  await (task === "picture" ? picture(browser, rest) : check(browser, rest));
} finally {
  await browser.close();
}
