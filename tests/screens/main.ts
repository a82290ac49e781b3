import { copyFile, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { SCREENSHOTS } from "../../tools/web-manifest.ts";
import { ROOT } from "../architecture/source-files.ts";
import { AppVisitor, DESK, PHONE, type Way } from "../support/app-visitor.ts";
import { SCREEN_STATES } from "../support/screen-states/all-states.ts";
import { lookAt } from "../support/screen-states/scan-state.ts";
import { formatIndex, pictureName } from "./picture-index.ts";

/** `npm run screens`: photographs every screen over the fake client into docs/screens, with an index of them. */
const FOLDER = join(ROOT, "docs/screens");
const QUALITY = 70;
/** Pictures of two days differ where the app does. Two days after what the fake client tells of. */
const NOW = new Date(Date.UTC(2026, 4, 6, 9, 31));

const WAYS: readonly Way[] = (["en", "zh"] as const).flatMap((lang) =>
  (["light", "dark"] as const).flatMap((colorScheme) =>
    [PHONE, DESK].map(({ viewport }) => ({ lang, colorScheme, viewport })),
  ),
);

async function photograph(page: Page, file: string): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
  await session.detach();
  const bytes = Buffer.from(data, "base64");
  await writeFile(file, bytes);
  return bytes.length;
}

// Chromium takes its time zone from here.
process.env["TZ"] = "UTC";
/** A state with those that follow it, as far as pictures of them are wanted. */
const walks = SCREEN_STATES.map((state) => {
  const steps = [state, ...(state.next ?? [])];
  return { state, steps: steps.slice(0, steps.findLastIndex(({ isPictured }) => isPictured === true) + 1) };
}).filter(({ steps }) => steps.length > 0);
const pictured = walks.flatMap(({ steps }) => steps.filter(({ isPictured }) => isPictured === true));
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
const visitor = await AppVisitor.arrive();
let size = 0;
try {
  await (await visitor.open("/", "new")).clock.setFixedTime(NOW);
  for (const { state, steps } of walks) {
    const page = await visitor.open(state.path, state.scene);
    for (const { name, then, isPictured } of steps) {
      await then?.(page);
      if (isPictured !== true) continue;
      // Nobody points at anything.
      await page.mouse.move(0, 0);
      for (const way of WAYS) {
        await lookAt(page, way);
        await page.evaluate(() => scrollTo(0, 0));
        size += await photograph(page, join(FOLDER, pictureName(name, way)));
      }
      console.log(name);
    }
  }
} finally {
  await visitor.leave();
}
// What browsers show of the app before it is installed.
for (const file of SCREENSHOTS) await copyFile(join(FOLDER, file), join(ROOT, "public/screenshots", file));
const index = join(FOLDER, "README.md");
await writeFile(
  index,
  formatIndex(
    pictured.map(({ name }) => name),
    WAYS,
  ),
);
size += (await stat(index)).size;
console.log(`${pictured.length * WAYS.length} pictures, ${(size / 1e6).toFixed(1)} MB in docs/screens`);
process.exit(0);
