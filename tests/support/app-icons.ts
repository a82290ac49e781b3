import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ROOT } from "../architecture/source-files.ts";

export const ICON_FOLDER = join(ROOT, "public/icons");

/** What a mask may cut away begins here, as a share of the side (https://www.w3.org/TR/appmanifest/#icon-masks). */
export const SAFE_RADIUS = 0.4;

export interface AppIcon {
  readonly file: string;
  readonly side: number;
  /** The packet's height, as a share of the side. */
  readonly height: number;
  /** Of the paper behind it, as a share of the side; undefined: the system gives the whole square its own shape. */
  readonly corner: number | undefined;
}

/** Every picture that is made of icon.svg. */
export const APP_ICONS: readonly AppIcon[] = [
  { file: "icon-180.png", side: 180, height: 0.7, corner: undefined },
  { file: "icon-192.png", side: 192, height: 0.74, corner: 0.22 },
  { file: "icon-512.png", side: 512, height: 0.74, corner: 0.22 },
  { file: "icon-maskable-512.png", side: 512, height: 0.66, corner: undefined },
];

const PAPER = "#faf6ef";

/** The picture as PNG: the packet of icon.svg in the middle of a sheet of paper. */
export async function drawIcon(page: Page, { side, height, corner }: AppIcon): Promise<Buffer> {
  const packet = (await readFile(join(ICON_FOLDER, "icon.svg"))).toString("base64");
  const paper = corner === undefined ? "" : `border-radius: ${corner * side}px;`;
  await page.setViewportSize({ width: side, height: side });
  await page.setContent(`<!doctype html>
    <style>
      body { margin: 0; }
      div { display: grid; place-items: center; height: ${side}px; background: ${PAPER}; ${paper} }
      img { height: ${height * side}px; }
    </style>
    <div><img src="data:image/svg+xml;base64,${packet}" /></div>`);
  return page.screenshot({ omitBackground: corner !== undefined });
}
