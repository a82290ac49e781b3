import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AppIcon, APP_ICONS, drawIcon, ICON_FOLDER, SAFE_RADIUS } from "../support/app-icons.ts";
import { BuiltApp } from "../support/built-app.ts";
import { CHROMIUM } from "../support/chromium.ts";

/** Of a channel between what is committed and what is drawn here: another Chromium may round edges otherwise. */
const DIFFERENCE_MAX = 24;

let site: BuiltApp;
let profile: string;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  site = await BuiltApp.serve();
  profile = await mkdtemp(join(tmpdir(), "stegos-install-"));
  // In the private windows of tests nothing can be installed.
  context = await chromium.launchPersistentContext(profile, { ...CHROMIUM, viewport: null });
  page = await context.newPage();
});
afterAll(async () => {
  await context.close();
  await site.stop();
  await rm(profile, { recursive: true, force: true });
});

interface Manifest {
  readonly icons: readonly { readonly src: string; readonly sizes: string }[];
  readonly screenshots: readonly { readonly src: string; readonly sizes: string }[];
}

it("the app can be installed, and every picture of its manifest has the size that it names", async () => {
  await page.goto(`${site.url}/?lang=en`);
  await page.getByTestId("onboard-create").waitFor();
  const session = await context.newCDPSession(page);
  const { errors, data } = await session.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  expect(installabilityErrors).toEqual([]);

  const { icons, screenshots } = JSON.parse(data ?? "") as Manifest;
  for (const { src, sizes } of [...icons, ...screenshots]) {
    const size = await page.evaluate(async (url) => {
      const picture = await createImageBitmap(await (await fetch(url)).blob());
      return `${picture.width}x${picture.height}`;
    }, src);
    expect([src, size]).toEqual([src, sizes]);
  }
});

/** What the pixels of two pictures say: how many of the first differ, and how it stands under a mask. */
async function compare(committed: Buffer, drawn: Buffer, safeRadius: number, differenceMax: number) {
  const [first, second] = [committed, drawn].map((bytes) => bytes.toString("base64"));
  return page.evaluate(
    async ([one, other, radius, most]) => {
      const read = async (base64: string) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        const canvas = new OffscreenCanvas(picture.width, picture.height);
        const pen = canvas.getContext("2d")!;
        pen.drawImage(picture, 0, 0);
        return pen.getImageData(0, 0, picture.width, picture.height);
      };
      const [a, b] = await Promise.all([read(one), read(other)]);
      const side = a.width;
      let differing = 0;
      let isOpaque = true;
      let isSafe = true;
      for (let at = 0; at < a.data.length; at += 4) {
        const channels = [0, 1, 2, 3] as const;
        if (channels.some((each) => Math.abs(a.data[at + each]! - (b.data[at + each] ?? 0)) > most)) differing += 1;
        isOpaque &&= a.data[at + 3] === 255;
        const [x, y] = [(at / 4) % side, Math.floor(at / 4 / side)];
        const isOutside = Math.hypot(x + 0.5 - side / 2, y + 0.5 - side / 2) > radius * side;
        // The corner's colour is the ground's.
        if (isOutside) isSafe &&= channels.every((each) => a.data[at + each] === a.data[each]);
      }
      return { size: [a.width, a.height], differing, isOpaque, isSafe };
    },
    [first!, second!, safeRadius, differenceMax] as const,
  );
}

it.each(APP_ICONS)("$file is what `npm run icons` draws", async (icon: AppIcon) => {
  await page.goto("about:blank");
  const drawn = await drawIcon(page, icon);
  const found = await compare(await readFile(join(ICON_FOLDER, icon.file)), drawn, SAFE_RADIUS, DIFFERENCE_MAX);
  expect(found.size).toEqual([icon.side, icon.side]);
  expect(found.differing).toBe(0);
  // Systems cut their own shape out of what fills its square; a hole would be filled by black.
  expect(found.isOpaque).toBe(icon.corner === undefined);
  if (icon.file.includes("maskable")) expect(found.isSafe).toBe(true);
});
