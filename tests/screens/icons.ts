import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { APP_ICONS, drawIcon, ICON_FOLDER } from "../support/app-icons.ts";
import { CHROMIUM } from "../support/chromium.ts";

/** `npm run icons`: makes the pictures of public/icons anew from icon.svg. */
const browser = await chromium.launch(CHROMIUM);
const page = await browser.newPage();
for (const icon of APP_ICONS) {
  const bytes = await drawIcon(page, icon);
  await writeFile(join(ICON_FOLDER, icon.file), bytes);
  console.log(`${icon.file}: ${icon.side} × ${icon.side}, ${bytes.length} bytes`);
}
await browser.close();
