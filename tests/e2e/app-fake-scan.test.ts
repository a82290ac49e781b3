import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { en } from "../../src/app/i18n/en.ts";
import type { Harness } from "../app/harness.ts";
import { AppHarness } from "../support/app-harness.ts";
import { hook } from "../support/app-visitor.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { fakePacketFragment } from "../support/fake-packets.ts";
import { fakeAddress } from "../support/fake-client.ts";
import { filmCode } from "../support/fake-camera.ts";
import { fakeFragment } from "../support/fake-requests.ts";

declare const harness: Harness;

const t = en.scan;
const BLANK = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);
let site: AppHarness;
let folder: string;
let browser: Browser | undefined;
let isReaderGone = false;
const requests: string[] = [];

beforeAll(async () => {
  site = await AppHarness.start();
  folder = await mkdtemp(join(tmpdir(), "stegos-scan-"));
});

afterEach(async () => {
  await browser?.close();
  browser = undefined;
  isReaderGone = false;
  const strange = requests.splice(0).filter((url) => !url.startsWith(site.url) && !url.startsWith("blob:"));
  expect(strange).toEqual([]);
});

afterAll(async () => {
  await site.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The Scan screen before a camera that films this text; without one the device has no camera that may be used. */
async function scan(
  film: { readonly text: string; readonly isMirrored?: boolean } | undefined,
  prepare = "",
): Promise<Page> {
  const file = join(folder, "film.y4m");
  if (film !== undefined) await filmCode(file, film.text, film.isMirrored);
  const camera = ["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${file}`];
  browser = await chromium.launch({ ...CHROMIUM, args: [...CHROMIUM.args, ...(film === undefined ? [] : camera)] });
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, reducedMotion: "reduce" });
  await context.grantPermissions(["clipboard-read", "clipboard-write", ...(film === undefined ? [] : ["camera"])]);
  const page = await context.newPage();
  page.on("request", (request) => requests.push(request.url()));
  await context.route("**/scan.worker*", (route) => (isReaderGone ? route.abort() : route.continue()));
  if (prepare !== "") await page.addInitScript(prepare);
  await page.goto(`${site.url}/pay?lang=en`);
  await hook(page, "scan-open").click();
  await hook(page, "scan").waitFor();
  return page;
}

const stateOf = (page: Page, state: string) => page.locator(`[data-testid="scan"][data-state="${state}"]`);
const finding = (page: Page, state: string) => page.locator(`[data-testid="scan-finding"][data-state="${state}"]`);
/** Whether the page holds a camera that runs. */
const COUNT = `window.tracks = [];
  const { getUserMedia } = MediaDevices.prototype;
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    const stream = await getUserMedia.call(this, wanted);
    window.tracks.push(...stream.getTracks());
    return stream;
  };`;
const living = (page: Page) =>
  page.evaluate(
    () => (window as { tracks?: MediaStreamTrack[] }).tracks?.filter((each) => each.readyState === "live").length,
  );

describe("the camera", () => {
  it("finds an address, brings it to Send and lets go of the camera", async () => {
    const page = await scan({ text: fakeAddress(3) }, COUNT);
    await hook(page, "pay-to").waitFor();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(3));
    expect(await living(page)).toBe(0);
  });

  it("[AD-8] finds a request, which is still there when the page is loaded again", async () => {
    const fragment = fakeFragment();
    const page = await scan({ text: `https://x.example/p#${fragment}` });
    await hook(page, "asked-pay").waitFor();
    expect(new URL(page.url()).hash).toBe(`#${fragment}`);
    await page.reload();
    await hook(page, "asked-pay").click();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(7));
    expect(page.url()).not.toContain("#");
  });

  it("reads a code in a mirror by the slow decoder, which comes from our own origin", async () => {
    const page = await scan({ text: fakeAddress(3), isMirrored: true });
    await hook(page, "pay-to").waitFor();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(3));
  });

  it("says what it does not know, opens nothing and looks on", async () => {
    const page = await scan({ text: "https://evil.example/x" });
    await finding(page, "unknown").waitFor();
    await page.getByText("https://evil.example/x").waitFor();
    expect(new URL(page.url()).pathname).toBe("/scan");
    await stateOf(page, "looking").waitFor();
  });

  it("takes the browser's own reader first where it has one", async () => {
    const address = fakeAddress(5);
    const native = `window.BarcodeDetector = class {
      static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
      detect() { return Promise.resolve([{ rawValue: "${address}" }]); }
    };`;
    const page = await scan({ text: fakeAddress(3) }, native);
    await hook(page, "pay-to").waitFor();
    expect(await hook(page, "pay-to").inputValue()).toBe(address);
    expect(requests.some((url) => url.includes("scan.worker"))).toBe(false);
  });

  it("is let go of when the person leaves, and when nobody looks", async () => {
    const page = await scan({ text: "nothing of ours" }, COUNT);
    await finding(page, "unknown").waitFor();
    expect(await living(page)).toBe(1);
    const see = (state: string) =>
      page.evaluate((shown) => {
        Object.defineProperty(document, "visibilityState", { value: shown, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, state);
    await see("hidden");
    expect(await living(page)).toBe(0);
    await see("visible");
    await stateOf(page, "looking").waitFor();
    expect(await living(page)).toBe(1);
    await page.getByRole("button", { name: en.app.back }).click();
    await hook(page, "home-balance").waitFor();
    expect(await living(page)).toBe(0);
  });

  const FAULTS = [
    ["denied", "NotAllowedError"],
    ["none", "NotFoundError"],
    ["busy", "NotReadableError"],
  ] as const;
  it.each(FAULTS)("says %s, with other ways on", async (code, name) => {
    const refuse = `MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("", "${name}"));`;
    const page = await scan(undefined, refuse);
    await stateOf(page, code).waitFor();
    await page.getByText(t.problems[code]).waitFor();
    expect(await hook(page, "scan-again").isEnabled()).toBe(true);
    await page.evaluate((text) => navigator.clipboard.writeText(text), fakeAddress(4));
    await hook(page, "scan-paste").click();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(4));
  });

  it("says that browsers lend it to safe pages only, and from Send fills in who is paid and nothing else", async () => {
    const page = await scan(undefined, `Object.defineProperty(navigator, "mediaDevices", { value: undefined });`);
    await stateOf(page, "insecure").waitFor();
    await page.getByText(t.problems.insecure).waitFor();
    await page.getByRole("button", { name: en.app.back }).click();
    await hook(page, "pay-open").click();
    await hook(page, "pay-amount").fill("12.5");
    await hook(page, "pay-scan").click();
    await page.evaluate((text) => navigator.clipboard.writeText(text), fakeAddress(6));
    await hook(page, "scan-paste").click();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(6));
    expect(await hook(page, "pay-amount").inputValue()).toBe("12.5");
    // One step back is the screen from which Send was opened.
    await page.goBack();
    await hook(page, "scan-open").waitFor();
    // From elsewhere it begins a payment to somebody else.
    await hook(page, "scan-open").click();
    await hook(page, "scan-paste").click();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(6));
    expect(await hook(page, "pay-amount").inputValue()).toBe("");
    // What was half typed is not lost.
    await hook(page, "pay-put-back").click();
    expect(await hook(page, "pay-amount").inputValue()).toBe("12.5");
  });
});

describe("what reads codes", () => {
  it("is said not to be there where it cannot be fetched, is waited for by nobody, and is taken once it can be", async () => {
    isReaderGone = true;
    const page = await scan({ text: fakeAddress(3) });
    await finding(page, "no_reader").waitFor();
    await page.getByText(t.noReader).waitFor();
    await hook(page, "scan-picture").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: BLANK });
    await page.getByRole("button", { name: t.gallery }).and(page.locator(":enabled")).waitFor();
    await finding(page, "no_reader").waitFor();
    isReaderGone = false;
    await hook(page, "pay-to").waitFor();
    expect(await hook(page, "pay-to").inputValue()).toBe(fakeAddress(3));
  });
});

describe("a picture, and what is pasted", () => {
  it("brings a receipt to its check, and says what it cannot read", async () => {
    const page = await scan(undefined, `Object.defineProperty(navigator, "mediaDevices", { value: undefined });`);
    await hook(page, "scan-picture").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: BLANK });
    await finding(page, "no_code").waitFor();
    await page.evaluate(() => navigator.clipboard.writeText(" "));
    await hook(page, "scan-paste").click();
    await finding(page, "empty").waitFor();
    await page.evaluate(() => navigator.clipboard.writeText("https://x.example/c#dstgproof1qqqq"));
    await hook(page, "scan-paste").click();
    await hook(page, "check-text").waitFor();
    expect(await page.evaluate(() => harness.app.check.text)).toBe("https://x.example/c#dstgproof1qqqq");
  });

  it("[RP-9] brings a red packet to the page that opens it, on this host and no other", async () => {
    const page = await scan(undefined, `Object.defineProperty(navigator, "mediaDevices", { value: undefined });`);
    const fragment = fakePacketFragment();
    await page.evaluate((text) => navigator.clipboard.writeText(text), `https://x.example/r#${fragment}`);
    await hook(page, "scan-paste").click();
    await hook(page, "packet-open").waitFor();
    expect(page.url()).toBe(`${site.url}/r#${fragment}`);
  });
});
