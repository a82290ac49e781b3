import type { Page } from "playwright-core";

/** The narrowest window that we serve. */
export const NARROW = { width: 320, height: 640 };
/** As narrow, and so high that no part of a screen is left undrawn for being out of sight. */
export const NARROW_AND_WHOLE = { width: 320, height: 6_000 };

/** Runs in the page. What a stranger wrote may end in dots; our own words may not. */
function findMisfits(): string[] {
  const misfits: string[] = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width)
    misfits.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim() ?? "";
    if (element === null || text === "" || element.closest(".visually-hidden, .skip, noscript, textarea, bdi") !== null)
      continue;
    if (!element.checkVisibility({ contentVisibilityAuto: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      if (rect.width === 0) continue;
      const place = `“${text.slice(0, 60)}” ${Math.round(rect.left)}–${Math.round(rect.right)}`;
      if (rect.left < -0.5 || rect.right > width + 0.5) misfits.push(`outside the window: ${place}`);
      for (let box: Element | null = element; box !== null && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        const bounds = box.getBoundingClientRect();
        const isCutAcross = style.overflowX === "hidden" || style.overflowX === "clip";
        const isCutDown = style.overflowY === "hidden" || style.overflowY === "clip";
        const isOutAcross = rect.left < bounds.left - 1 || rect.right > bounds.right + 1;
        const isOutDown = rect.top < bounds.top - 1 || rect.bottom > bounds.bottom + 1;
        if ((isCutAcross && isOutAcross) || (isCutDown && isOutDown)) misfits.push(`cut: ${place}`);
        else if (isOutAcross && box.matches("button, a, .card, .notice, dialog"))
          misfits.push(`sticks out of its ${box.localName}: ${place}`);
      }
    }
  }
  return [...new Set(misfits)];
}

/** Texts that are cut, or that stand outside the window or their button, and a page wider than its window. */
export async function misfitsOf(page: Page): Promise<readonly string[]> {
  // What has just come into sight is drawn with the next frame.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  return page.evaluate(findMisfits);
}

/** How large the reader has set all text, of the usual size. */
export async function setTextSize(page: Page, percent: number): Promise<void> {
  await page.evaluate((size) => {
    document.documentElement.style.fontSize = size;
  }, `${percent}%`);
}

/** Runs in the page. A box in a label is as large as its label. */
function findSmallTargets(): string[] {
  const small: string[] = [];
  for (const target of document.querySelectorAll("button, a:not(.skip), input, textarea, select, summary")) {
    if (!target.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })) continue;
    const { width, height } = (target.closest("label") ?? target).getBoundingClientRect();
    if (width < 43.9 || height < 43.9) small.push(`${width} × ${height} px: ${target.outerHTML.slice(0, 120)}`);
  }
  return small;
}

/** Controls that are too small for a finger. */
export async function smallTargetsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(findSmallTargets);
}
