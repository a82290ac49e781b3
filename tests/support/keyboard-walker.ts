import type { Page } from "playwright-core";
import { type Name, type Role, type Walker, waitForText, waitForWords } from "./walker.ts";

/** More stops than any screen has. */
const STOPS_MAX = 100;

/** Somebody without a mouse: Tab, Enter, Space and letters, nothing else. */
export class KeyboardWalker implements Walker {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async press(role: Role, name: Name): Promise<void> {
    await this.#goTo(role, name);
    await this.page.keyboard.press(role === "checkbox" ? "Space" : "Enter");
  }

  async fill(name: Name, text: string): Promise<void> {
    await this.#goTo("textbox", name);
    await this.page.keyboard.insertText(text);
  }

  async sees(text: string): Promise<void> {
    await waitForText(() => this.page.evaluate(() => document.body.innerText), text);
  }

  async readWords(): Promise<string> {
    return waitForWords(async () => {
      const items = await this.page.getByTestId("words").getByRole("listitem").allTextContents();
      return items.map((item) => item.replace(/[^a-z]/g, ""));
    });
  }

  /** Tabs on until the control has the focus. Wherever it stops on the way, one can see where that is. */
  async #goTo(role: Role, name: Name): Promise<void> {
    const wanted = this.page.getByRole(role, typeof name === "string" ? { name, exact: true } : { name });
    await wanted.first().waitFor({ timeout: 60_000 });
    for (let stop = 0; stop < STOPS_MAX; stop++) {
      const isThere = await wanted.first().evaluate((element) => element === document.activeElement);
      if (isThere && (await wanted.first().isEnabled())) return;
      await this.page.keyboard.press("Tab");
      const unseen = await this.page.evaluate(unseenFocus);
      if (unseen !== undefined) throw new Error(`the focus cannot be seen on ${unseen}`);
    }
    throw new Error(`no Tab leads to the ${role} ${String(name)}`);
  }
}

/** Runs in the page: what has the focus, where nothing shows that it has, or where it lies outside of the window. */
function unseenFocus(): string | undefined {
  const element = document.activeElement;
  // The browser itself marks the parts of its own controls, the calendar's button in a field for a date.
  if (element === null || element === document.body || !element.matches(":focus")) return undefined;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { top, bottom } = element.getBoundingClientRect();
  const isMarked = outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
  return isMarked && bottom > 0 && top < innerHeight ? undefined : element.outerHTML.slice(0, 300);
}
