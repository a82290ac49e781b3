import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MEDIA_SHOWN_BYTES_MAX, PICTURE_SIDE_MAX } from "../../../src/core/params/media-limits.ts";
import { gifFile, jpegFile, pngFile, webmFile, webpLossy } from "../../support/media-files.ts";
import { TestPage } from "../../support/test-page.ts";
import type { MediaTools } from "./media-page.ts";

declare const tools: MediaTools;

describe("pictures made anew in a Chromium worker", () => {
  let page: TestPage | undefined;
  let tab: Page;

  beforeAll(async () => {
    page = await TestPage.open("tests/browser/client/media-page.ts");
    tab = await page.tab();
  });
  afterAll(() => page?.close());

  const drawn = (...[call, width, height, type, isNoise]: Parameters<MediaTools["drawn"]>) =>
    tab.evaluate(([c, w, h, t, n]) => tools.drawn(c, w, h, t, n), [call, width, height, type, isNoise] as const);
  const given = (call: "preparePicture" | "showPicture", bytes: Uint8Array) =>
    tab.evaluate(([c, b]) => tools.given(c, b), [call, [...bytes]] as const);

  it.each(["image/png", "image/jpeg", "image/webp"])(
    "[RP-10] %s goes in, WebP of the same size comes out",
    async (type) => {
      for (const call of ["preparePicture", "showPicture"] as const) {
        expect(await drawn(call, 120, 80, type, false)).toMatchObject({
          mime: "image/webp",
          width: 120,
          height: 80,
          decoded: [120, 80],
        });
      }
    },
  );

  it("[RP-10] a GIF of one frame is a picture; of two it moves, as it was, beside its first frame made anew", async () => {
    for (const call of ["preparePicture", "showPicture"] as const) {
      expect(await given(call, gifFile(1, 1))).toMatchObject({ mime: "image/webp", width: 1, height: 1 });
      const moving = gifFile(1, 1, [100, 100]);
      expect(await given(call, moving)).toMatchObject({
        mime: "image/gif",
        size: moving.length,
        motion: { type: "animation", still: "image/webp" },
      });
      expect(await given(call, webmFile(2, 2, 100))).toMatchObject({ mime: "video/webm", motion: { type: "video" } });
      expect(await given(call, gifFile(1, 1, Array<number>(200).fill(100)))).toBe("too_long");
    }
  });

  it("[RP-10] a large one is made small enough to be sent, however little it can be squeezed", async () => {
    const noise = await drawn("preparePicture", 2_400, 1_600, "image/jpeg", true);
    if (typeof noise === "string") throw new Error(noise);
    expect(noise.size).toBeLessThanOrEqual(MEDIA_SHOWN_BYTES_MAX);
    expect(Math.max(noise.width, noise.height)).toBeLessThanOrEqual(PICTURE_SIDE_MAX);
    expect(noise.width / noise.height).toBeCloseTo(1.5, 1);
    const plain = await drawn("preparePicture", 2_400, 1_600, "image/jpeg", false);
    expect(plain).toMatchObject({ width: PICTURE_SIDE_MAX, height: 853 });
  });

  it("[RP-10] what stands in a file besides its pixels does not come out", async () => {
    const named = await tab.evaluate(() => tools.named());
    if (typeof named === "string") throw new Error(named);
    expect(named).toMatchObject({ width: 40, height: 30 });
    expect(named.text).not.toContain("Alice");
    expect(named.text).not.toContain("Author");
  });

  it("[RP-10] what others send may be no larger than what is sent", async () => {
    expect(await drawn("showPicture", 1_000, 800, "image/png", true)).toBe("too_large");
    expect(await drawn("showPicture", 2_001, 2_000, "image/png", false)).toBe("too_many_pixels");
  });

  it("[RP-10] what cannot be decoded is damaged, whatever its structure says", async () => {
    for (const file of [pngFile(30, 20), jpegFile(30, 20), webpLossy(30, 20)]) {
      expect(await given("showPicture", file)).toBe("damaged");
    }
    for (const type of ["image/png", "image/webp"])
      expect(await tab.evaluate((t) => tools.cut(t), type)).toBe("damaged");
    expect(await given("showPicture", new TextEncoder().encode("<svg/>"))).toBe("unknown_type");
  });
});
