import { join } from "node:path";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { landingTexts as en } from "../../src/app/i18n/en/landing.ts";
import { landingTexts as zh } from "../../src/app/i18n/zh/landing.ts";
import { type HttpServer, startHttpServer } from "../../src/node/rpc/http-server.ts";
import { staticFiles } from "../../src/node/rpc/static-files.ts";
import { ROOT } from "../architecture/source-files.ts";
import { violationsOn } from "../support/axe-scan.ts";
import { CHROMIUM } from "../support/chromium.ts";

const PAGES = [
  { path: "/", text: "app" },
  { path: "/p", text: "request" },
  { path: "/c", text: "check" },
  { path: "/x", text: "look" },
] as const;
const CARD = 'meta[property^="og:"], meta[name="twitter:card"], meta[name="description"], meta[name="referrer"]';

let server: HttpServer;
let browser: Browser;
let context: BrowserContext;
const requests: string[] = [];
const urlOf = (path: string): string => `http://127.0.0.1:${server.port}${path}`;

beforeAll(async () => {
  const serve = staticFiles(join(ROOT, "dist/app"));
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: new Map(),
    fallback: (request, response, path) => {
      requests.push(JSON.stringify([request.url, request.headers]));
      return serve(request, response, path);
    },
    log: () => undefined,
  });
  browser = await chromium.launch(CHROMIUM);
  context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

describe.each(PAGES)("without scripts $path", ({ path, text }) => {
  it("says what it is in both languages, on the narrowest screen", async () => {
    const page = await context.newPage();
    await page.goto(urlOf(path));
    const said = await page.locator("main").innerText();
    for (const language of [en, zh]) {
      for (const words of [language[text].title, ...language[text].words]) expect(said).toContain(words);
    }
    for (const words of zh[text].words) {
      expect(await page.getByText(words, { exact: true }).getAttribute("lang")).toBe("zh-Hans");
    }
    const width = await page.locator("html").evaluate((element) => element.scrollWidth);
    expect(width).toBe(320);
    await page.close();
  });

  it("shows previews the same card as every page, and has its answer under the app's policy", async () => {
    const page = await context.newPage();
    const cardOf = () => page.locator(CARD).evaluateAll((metas) => metas.map((meta) => meta.outerHTML));
    await page.goto(urlOf("/"));
    const card = await cardOf();
    const answer = await page.goto(urlOf(path));
    expect(await cardOf()).toEqual(card);
    expect(card.length).toBe(8);
    const headers = await answer?.allHeaders();
    expect(headers?.["referrer-policy"]).toBe("no-referrer");
    expect(headers?.["content-security-policy"]).toContain("require-trusted-types-for");
    const robots = await page.locator('meta[name="robots"]').evaluateAll((all) => all.map((meta) => meta.outerHTML));
    expect(robots.length).toBe(path === "/" ? 0 : 1);
    await page.close();
  });
});

it("tells the server nothing of what stands behind #", async () => {
  const page = await context.newPage();
  await page.goto(urlOf("/c#c2VjcmV0LXNlY3JldA"));
  const withScripts = await browser.newPage();
  await withScripts.goto(urlOf("/c#c2VjcmV0LXNlY3JldA"));
  await withScripts.getByTestId("check-text").waitFor();
  // The client cannot open here without a network, so nothing has been checked and the address is still whole.
  expect(new URL(withScripts.url()).hash).toBe("#c2VjcmV0LXNlY3JldA");
  expect(requests.join()).not.toMatch(/secret|c2VjcmV0/);
  await Promise.all([page.close(), withScripts.close()]);
});

it.each([
  ["/c", "check-text"],
  ["/p", "asked"],
  ["/x#b-1", "look-problem"],
])("%s is replaced by the screen, which loads nothing of Pay and passes axe", async (path, id) => {
  const page = await (await browser.newContext()).newPage();
  const files: string[] = [];
  page.on("request", (request) => files.push(new URL(request.url()).pathname));
  await page.goto(urlOf(path));
  await page.getByTestId(id).waitFor();
  expect(await page.locator(".landing").count()).toBe(0);
  expect(files.filter((file) => /(Pay|Start|Send|Receive)Screen/.test(file))).toEqual([]);
  expect(await violationsOn(page)).toEqual([]);
  await page.context().close();
});
