import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROUTES } from "../../../src/app/state/routes.ts";
import { SCREENSHOTS, WEB_MANIFEST } from "../../../tools/web-manifest.ts";
import { ROOT } from "../../architecture/source-files.ts";

it("shortcuts lead to places of the app", () => {
  const urls = WEB_MANIFEST.shortcuts?.map(({ url }) => url) ?? [];
  expect(urls.length).toBeGreaterThan(0);
  expect(urls.filter((url) => !(ROUTES as readonly string[]).includes(url))).toEqual([]);
});

it("the app stays the same one for browsers that have installed it", () => {
  expect([WEB_MANIFEST.id, WEB_MANIFEST.start_url, WEB_MANIFEST.scope]).toEqual(["/", "/", "/"]);
});

it.each(SCREENSHOTS)("%s is the picture that docs/screens shows", async (file) => {
  const [shown, offered] = await Promise.all(
    ["docs/screens", "public/screenshots"].map((folder) => readFile(join(ROOT, folder, file))),
  );
  expect(offered?.equals(shown!)).toBe(true);
});
