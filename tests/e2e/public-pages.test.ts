import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { landingTexts as en } from "../../src/app/i18n/en/landing.ts";
import { landingTexts as zh } from "../../src/app/i18n/zh/landing.ts";
import { type HttpServer, startHttpServer } from "../../src/node/rpc/http-server.ts";
import { staticFiles } from "../../src/node/rpc/static-files.ts";
import { ROOT } from "../architecture/source-files.ts";
import { violationsOn } from "../support/axe-scan.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { fakePacketFragment } from "../support/fake-packets.ts";
import { runs } from "../support/run-counts.ts";

const PAGES = [
  { path: "/", text: "app" },
  { path: "/p", text: "request" },
  { path: "/c", text: "check" },
  { path: "/x", text: "look" },
  { path: "/r", text: "claim" },
] as const;
const PACKET = `/r#${fakePacketFragment()}`;
/** Loads of a link by whoever looks at it before a person does. */
const LOADS = runs(25, 10_000);
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
  [PACKET, "packet-open"],
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

describe("the page of a red packet", () => {
  const boxes = async (page: Page) => {
    const boxOf = async (place: string) => page.locator(place).first().boundingBox();
    return {
      packet: await boxOf(".red-packet"),
      seal: await boxOf(".red-packet .disc"),
      heading: (await boxOf("h1"))?.y,
    };
  };

  it("paints it before any script runs, and nothing moves when one has run", async () => {
    const page = await context.newPage();
    await page.goto(urlOf(PACKET));
    const withScripts = await browser.newPage({ viewport: { width: 320, height: 640 } });
    await withScripts.goto(urlOf(PACKET));
    await withScripts.getByTestId("packet-open").waitFor();
    const painted = await boxes(page);
    expect(painted.packet?.width).toBeGreaterThan(200);
    expect(await boxes(withScripts)).toEqual(painted);
    await Promise.all([page.close(), withScripts.close()]);
  });

  it(`loaded ${LOADS} times without a tap asks for its own files and for nothing else`, async () => {
    const page = await (await browser.newContext()).newPage();
    const seen = new Set<string>();
    page.on("request", (request) => seen.add(new URL(request.url()).pathname));
    await page.goto(urlOf(PACKET));
    for (let load = 0; load < LOADS; load++) {
      await page.reload({ waitUntil: "commit" });
      await page.getByTestId("packet-open").waitFor();
    }
    const asked = [...seen];
    const others = asked.filter(
      (path) => !/^\/(r|icons\/.*|manifest\.webmanifest|assets\/[\w.-]+\.(css|js))$/.test(path),
    );
    expect(others).toEqual([]);
    expect(asked.filter((path) => /worker|kernel|host|shell/.test(path))).toEqual([]);
    expect(page.workers()).toEqual([]);
    expect(requests.join()).not.toContain(PACKET.split("#")[1]);
    expect(new URL(page.url()).hash).toBe(`#${PACKET.split("#")[1]}`);
    await page.context().close();
  });
});
