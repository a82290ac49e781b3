import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page, type Response } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROUTES } from "../../src/app/state/routes.ts";
import { SECURITY_HEADERS } from "../../src/node/rpc/security-headers.ts";
import { fingerprintOf } from "../../tools/file-list.ts";
import { ROOT } from "../architecture/source-files.ts";
import { AppVersions } from "../support/app-versions.ts";
import { CHROMIUM } from "../support/chromium.ts";

const WAIT_MS = 60_000;
const BUILT = join(ROOT, "dist/app");

let browser: Browser;
let context: BrowserContext;
let versions: AppVersions;
let page: Page;
const requests: string[] = [];
const responses: Response[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  [browser, versions] = await Promise.all([chromium.launch(CHROMIUM), AppVersions.start()]);
  context = await browser.newContext();
  // Those of workers and of the service worker are among them.
  context.on("request", (request) => requests.push(request.url()));
  context.on("response", (response) => responses.push(response));
  page = await context.newPage();
  page.on("console", (message) => {
    if (/content security policy|trusted ?types?|permissions-policy/i.test(message.text()))
      complaints.push(message.text());
  });
  await page.goto(`${versions.url}/?lang=zh`);
  await page.getByTestId("onboard-create").click();
  await page.getByTestId("home-balance").waitFor({ timeout: WAIT_MS });
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated", null, {
    timeout: WAIT_MS,
  });
});
afterAll(async () => {
  await browser.close();
  await versions.stop();
});

describe("the page", () => {
  it("asks nobody but its own host on a walk over every place, and breaks its own policy nowhere", async () => {
    const files = await readdir(BUILT);
    const publicPages = files
      .filter((name) => name.endsWith(".html"))
      .map((name) => `/${name.replace(/(index)?\.html$/, "")}`);
    for (const place of new Set([...ROUTES, ...publicPages, "/nowhere"])) {
      await page.goto(`${versions.url}${place}?lang=zh`);
      await page.locator("h1").first().waitFor({ timeout: WAIT_MS });
      expect(await page.locator("[style]").count(), place).toBe(0);
    }
    const own = new URL(versions.url).host;
    const strange = requests.filter((url) => new URL(url).host !== own && !url.startsWith(`blob:${versions.url}`));
    expect(strange).toEqual([]);
    expect(requests.length).toBeGreaterThan(30);
    expect(complaints.splice(0)).toEqual([]);
  });

  it("and its workers came with the whole set of headers", async () => {
    const own = responses.filter((each) => each.status() === 200 && !/^blob:|\/network\.json$/.test(each.url()));
    for (const response of own) {
      const headers = await response.allHeaders();
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(headers[name], response.url()).toBe(value);
    }
    const seen = own.map((each) => new URL(each.url()).pathname);
    for (const worker of [/client\.worker/, /crypto\.worker/, /service\.worker/])
      expect(seen.some((path) => worker.test(path))).toBe(true);
  });

  it("has no style attribute, inline script or address of others in what was built", async () => {
    for (const name of await readdir(BUILT, { recursive: true })) {
      if (!/\.(html|js|svg)$/.test(name)) continue;
      const text = await readFile(join(BUILT, name), "utf8");
      expect(text, name).not.toMatch(/<[a-z][^<>]* style=/i);
      if (!name.endsWith(".html")) continue;
      expect(text, name).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|<style/i);
      expect(text, name).not.toMatch(/(src|href)="(https?:)?\/\//i);
    }
  });
});

/** What an injected script would try. Each must throw. */
const ATTACKS: readonly (readonly [name: string, code: string])[] = [
  ["text becomes code", `eval("1")`],
  ["text becomes a function", `new Function("return 1")()`],
  ["a worker from a text", `new Worker("data:text/javascript,1")`],
  ["another file of ours as a worker", `new Worker("/service.worker.mjs")`],
  ["one more policy", `trustedTypes.createPolicy("mine", { createScriptURL: (url) => url })`],
  ["a second policy of the same name", `trustedTypes.createPolicy("default", { createScriptURL: (url) => url })`],
];
const PAGE_ATTACKS: typeof ATTACKS = [
  ...ATTACKS,
  ["text becomes markup", `document.body.innerHTML = "<img src=x>"`],
  ["a frame with markup of its own", `document.createElement("iframe").srcdoc = "<p>"`],
  ["a script by its address", `document.createElement("script").src = "/files.sha256"`],
];

/** Runs as a task of its own: what DevTools call directly is exempt from policies. */
const attempt = (code: string): string => `new Promise((resolve) => setTimeout(() => {
  try {
    ${code};
    resolve("done");
  } catch (error) {
    resolve(error.name);
  }
}))`;

describe("a script that got in", () => {
  it.each(PAGE_ATTACKS)("cannot do this in the page: %s", async (_name, code) => {
    expect(await page.evaluate(attempt(code))).toMatch(/^(TypeError|EvalError|SecurityError)$/);
  });

  it.each(ATTACKS)("cannot do this in the client worker: %s", async (_name, code) => {
    const worker = page.workers().find((each) => each.url().includes("client.worker"));
    expect(await worker?.evaluate(attempt(code))).toMatch(/^(TypeError|EvalError|SecurityError)$/);
  });

  it("reaches no other host from page or worker", async () => {
    const code = `fetch("http://127.0.0.1:9/").then(() => "done", (error) => error.name)`;
    const worker = page.workers().find((each) => each.url().includes("client.worker"));
    const asked = requests.length;
    expect(await page.evaluate(code)).toBe("TypeError");
    expect(await worker?.evaluate(code)).toBe("TypeError");
    // The app may still be fetching parts of its own.
    const others = requests.slice(asked).filter((address) => new URL(address).origin !== new URL(page.url()).origin);
    expect(others).toEqual([]);
  });
});

/** What this version publishes and no first visit fetches. */
const NOT_KEPT = /\/(pseudo-texts|open-gallery)-|\/zxing_reader-.*\.wasm$| icons\/.*\.png$| screenshots\//;

it("About shows the fingerprint of the list, and that what is kept here is in it", async () => {
  await page.goto(`${versions.url}/me?lang=en`);
  await page.getByTestId("about-open").click();
  const list = await readFile(join(BUILT, "files.sha256"), "utf8");
  await page.locator(`[data-testid="fingerprint"][data-value="${fingerprintOf(list)}"]`).waitFor({ timeout: WAIT_MS });
  const count = Number(await page.getByTestId("files-checked").getAttribute("data-count"));
  const kept = list
    .trimEnd()
    .split("\n")
    .filter((line) => !NOT_KEPT.test(line));
  // One build of the curve kernel of three, and neither this list nor the service worker.
  expect(count).toBe(kept.length - 2 - 2);

  // The slow reader of codes comes when it is first needed; from then on it is there without a network, and counts.
  const late = `/${list.match(/assets\/zxing_reader-.*\.wasm$/m)?.[0] ?? ""}`;
  const fetchLate = () => page.evaluate(async (path) => (await (await fetch(path)).arrayBuffer()).byteLength, late);
  expect(requests.filter((url) => url.endsWith(late))).toEqual([]);
  const size = await fetchLate();
  expect(size).toBe((await stat(join(BUILT, late))).size);
  await page.waitForFunction(async (path) => (await caches.match(path)) !== undefined, late);
  await context.setOffline(true);
  expect(await fetchLate()).toBe(size);
  await page.reload();
  await page.getByTestId("about-open").click();
  await page.locator(`[data-testid="files-checked"][data-count="${count + 1}"]`).waitFor({ timeout: WAIT_MS });
  await context.setOffline(false);
  await page.getByTestId("update-check").click();
  await page.locator('[data-testid="update-finding"][data-finding="newest"]').waitFor({ timeout: WAIT_MS });

  // Somebody changes a file in the browser's cache.
  await page.evaluate(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys())
        if (request.url.includes("/icons/icon.svg")) await cache.put(request, new Response("<svg/>"));
    }
  });
  await page.reload();
  await page.getByTestId("about-open").click();
  await page.locator('dialog [role="alert"]').waitFor({ timeout: WAIT_MS });
  expect(await page.getByTestId("files-checked").count()).toBe(0);
});
