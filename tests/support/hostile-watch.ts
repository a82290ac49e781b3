import type { Page } from "playwright-core";
import { RAN } from "./hostile-texts.ts";

/** Runs in the page, under its own name: what strangers' texts have done there. */
export type FindHarm = () => readonly string[];

/** Runs in the page. What the parts of it that hold strangers' texts do wrong, and what else has changed. */
function watchForHarm(mark: string): void {
  const known = new Set(Object.getOwnPropertyNames(window));
  const strange =
    "iframe, img, object, embed, base, math, style, meta[http-equiv], [onerror], [onload], [href^=javascript]";
  const policed: string[] = [];
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    policed.push(`refused by ${violatedDirective}: ${blockedURI}`),
  );
  const findHarm: FindHarm = () => {
    const harm = [...policed];
    if (mark in window) harm.push("a text was run");
    for (const name of Object.getOwnPropertyNames(window))
      if (!known.has(name) && name !== "findHarm" && !/^\d+$/.test(name)) harm.push(`window has ${name}`);
    for (const element of document.body.querySelectorAll(strange)) harm.push(element.outerHTML);
    const width = document.documentElement.clientWidth;
    for (const box of [document.documentElement, ...document.querySelectorAll("dialog, .pane")])
      if (box.scrollWidth > box.clientWidth) harm.push(`${box.localName} is ${box.scrollWidth} px wide`);
    for (const text of document.querySelectorAll("bdi")) {
      const style = getComputedStyle(text);
      const box = text.getBoundingClientRect();
      const around = text.parentElement!.getBoundingClientRect();
      const place = text.textContent.slice(0, 40);
      if (style.unicodeBidi !== "isolate") harm.push(`turns what stands beside it: ${place}`);
      if (box.left < Math.max(0, around.left) - 0.5 || box.right > Math.min(width, around.right) + 0.5)
        harm.push(`out of its box, ${box.left} to ${box.right}: ${place}`);
      // Letters that pile up are drawn beyond any box that cuts nothing off. Keys of the protocol hold none.
      if (style.overflowY === "visible" && !text.hasAttribute("translate"))
        harm.push(`drawn over what is around it: ${place}`);
    }
    return harm;
  };
  Object.assign(window, { findHarm });
}

/** What strangers' texts bring about on a page: nothing is what they should. */
export class HostileWatch {
  readonly #page: Page;
  readonly #deeds: string[] = [];

  constructor(page: Page) {
    this.#page = page;
    page.on("dialog", (dialog) => {
      this.#deeds.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("popup", (popup) => this.#deeds.push(`window: ${popup.url()}`));
    page.on("download", (download) => this.#deeds.push(`download: ${download.url()}`));
    page.on("domcontentloaded", () => this.#deeds.push(`went to ${page.url()}`));
    page.on("request", (request) => {
      // Parts of the app come when they are needed, each from a file whose name no text can choose.
      if (!/^\/(assets\/[\w.-]+|icons\/icon\.svg)$/.test(new URL(request.url()).pathname))
        this.#deeds.push(`request: ${request.url()}`);
    });
  }

  /** From here on everything counts. */
  async begin(): Promise<void> {
    this.#deeds.length = 0;
    await this.#page.evaluate(watchForHarm, RAN);
  }

  async harm(): Promise<readonly string[]> {
    const found = await this.#page.evaluate(() => (window as unknown as { findHarm: FindHarm }).findHarm());
    return [...found, ...this.#deeds];
  }
}
