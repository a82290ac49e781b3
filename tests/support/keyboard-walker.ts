import type { Locator, Page } from "playwright-core";
import { eventually } from "./eventually.ts";
import { type Name, type Role, type Walker, waitForMatch, waitForText, waitForWords } from "./walker.ts";

/** More stops than any screen has. */
const STOPS_MAX = 100;

/** Somebody without a mouse: Tab, Enter, Space, Escape, arrows and letters, nothing else. */
export class KeyboardWalker implements Walker {
  readonly page: Page;
  /** Which document the last step was taken in. */
  #origin = 0;

  constructor(page: Page) {
    this.page = page;
    // From now on the browser asks the test, and nobody else, for a file.
    page.on("filechooser", () => undefined);
  }

  async press(role: Role, name: Name): Promise<void> {
    await this.#goTo(role, name);
    await this.page.keyboard.press(role === "checkbox" ? "Space" : "Enter");
  }

  async fill(name: Name, text: string): Promise<void> {
    await this.#goTo("textbox", name);
    await this.page.keyboard.press("Control+A");
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

  async choose(name: Name, option: string): Promise<void> {
    await this.#goTo("combobox", name);
    const chosen = (): Promise<string> =>
      this.page.evaluate(() => (document.activeElement as HTMLSelectElement).selectedOptions[0]?.label ?? "");
    for (let stop = 0; stop < STOPS_MAX && (await chosen()) !== option; stop++) {
      await this.page.keyboard.press("ArrowDown");
    }
    if ((await chosen()) !== option) throw new Error(`no arrow leads to “${option}”`);
  }

  async attach(name: string, file: string): Promise<void> {
    await this.#goTo("button", name);
    const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), this.page.keyboard.press("Enter")]);
    await chooser.setFiles(file);
  }

  async escape(): Promise<void> {
    await this.page.keyboard.press("Escape");
  }

  async standsOn(role: Role, name: Name): Promise<void> {
    await eventually(async () => {
      if (await this.#isOn(this.#named(role, name))) return;
      const there = await this.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
      throw new Error(`the focus is not on the ${role} ${String(name)} but on ${there}`);
    });
  }

  async hears(text: string): Promise<void> {
    await waitForText(() => this.page.evaluate(spoken), text);
  }

  async reads(pattern: RegExp): Promise<string> {
    return waitForMatch(() => this.page.evaluate(() => document.body.innerText), pattern);
  }

  #named(role: Role, name: Name): Locator {
    const named = typeof name === "string" ? { name, exact: true } : { name };
    const found = this.page.getByRole(role, named);
    // What is typed in secret has no role in ARIA.
    return role === "textbox" ? found.or(this.page.getByLabel(name).and(this.page.locator("[type=password]"))) : found;
  }

  /** Of several with one name a dialog lets the focus on its own alone. */
  #isOn(wanted: Locator): Promise<boolean> {
    return wanted.evaluateAll((all) =>
      all.some((each) => each === document.activeElement && each.ariaDisabled !== "true"),
    );
  }

  /** Tabs on until the control has the focus. Wherever it stops on the way, one can see where that is. */
  async #goTo(role: Role, name: Name): Promise<void> {
    await this.#isSomewhere();
    const wanted = this.#named(role, name);
    await wanted.first().waitFor({ timeout: 60_000 });
    for (let stop = 0; stop < STOPS_MAX; stop++) {
      if (await this.#isOn(wanted)) return;
      await this.page.keyboard.press("Tab");
      const unseen = await this.page.evaluate(unseenFocus);
      if (unseen !== undefined) throw new Error(`the focus cannot be seen on ${unseen}`);
    }
    throw new Error(`no Tab leads to the ${role} ${String(name)}`);
  }

  /** On a page that has just come the browser begins at its top; later nobody may be put back there. */
  async #isSomewhere(): Promise<void> {
    const origin = await this.page.evaluate(() => performance.timeOrigin);
    if (origin === this.#origin) {
      await eventually(async () => {
        if (await this.page.evaluate(() => document.activeElement === document.body))
          throw new Error("the focus is lost");
      });
    }
    this.#origin = origin;
  }
}

/** Runs in the page: what is said by itself. */
function spoken(): string {
  const focused = document.activeElement;
  const ids = focused?.getAttribute("aria-describedby")?.split(" ") ?? [];
  const live = document.querySelectorAll<HTMLElement>("[role=status], [role=alert], [aria-live]");
  const said = [...live, ...ids.map((id) => document.getElementById(id)), focused?.matches("body") ? null : focused];
  return said.map((each) => (each instanceof HTMLElement ? each.innerText : "")).join("\n");
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
