import { chromium, type BrowserContext, type Page } from "playwright-core";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHROMIUM } from "./chromium.ts";

/** One person's browser: a profile of its own on disk, so that closing and opening it again is a real restart. */
export class Person {
  readonly name: string;
  readonly profile: string;
  readonly #url: string;
  /** Requests that left the page's own origin, and violations of its policy: both must stay empty. */
  readonly strayRequests: string[] = [];
  readonly violations: string[] = [];
  #context: BrowserContext | undefined;
  #page: Page | undefined;

  private constructor(name: string, url: string, profile: string) {
    this.name = name;
    this.#url = url;
    this.profile = profile;
  }

  static async arrive(name: string, url: string): Promise<Person> {
    const person = new Person(name, url, await mkdtemp(join(tmpdir(), `stegos-${name}-`)));
    await person.open();
    return person;
  }

  get page(): Page {
    if (this.#page === undefined) throw new Error(`${this.name}'s browser is closed`);
    return this.#page;
  }

  async open(path = "/?lang=en"): Promise<void> {
    this.#context = await chromium.launchPersistentContext(this.profile, {
      ...CHROMIUM,
      headless: true,
      viewport: { width: 390, height: 844 },
    });
    const page = this.#context.pages()[0] ?? (await this.#context.newPage());
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(this.#url) && !url.startsWith("blob:") && !url.startsWith("data:"))
        this.strayRequests.push(url);
    });
    page.on("console", (message) => {
      if (/Content Security Policy|Trusted ?Types/i.test(message.text())) this.violations.push(message.text());
    });
    this.#page = page;
    await page.goto(this.#url + path);
  }

  /** Waits for an element and gives one of its attributes. */
  async attribute(testId: string, name: string): Promise<string> {
    const value = await this.page.getByTestId(testId).first().getAttribute(name);
    if (value === null) throw new Error(`${testId} has no ${name}`);
    return value;
  }

  async tap(testId: string): Promise<void> {
    await this.page.getByTestId(testId).first().click();
  }

  async type(testId: string, text: string): Promise<void> {
    await this.page.getByTestId(testId).first().fill(text);
  }

  /** Waits until an element shows an attribute with this value. */
  async see(testId: string, attribute: string, value: string, timeoutMs = 30_000): Promise<void> {
    await this.page
      .locator(`[data-testid="${testId}"][${attribute}="${value}"]`)
      .first()
      .waitFor({ timeout: timeoutMs });
  }

  /** One tap in a browser without a wallet, and then the newest block. */
  async makeWallet(timeoutMs: number): Promise<void> {
    await this.tap("onboard-create");
    await this.see("sync-state", "data-state", "live", timeoutMs);
  }

  /** Waits until the balance is so many µSTG. */
  async seeBalance(micro: bigint, timeoutMs: number): Promise<void> {
    await this.see("home-balance", "data-total", micro.toString(), timeoutMs);
  }

  /** Pays from the home screen and comes back to it once the payment is final; its id. */
  async pay(payment: { readonly to: string; readonly stg: string; readonly note?: string }, timeoutMs: number) {
    await this.tap("pay-open");
    await this.type("pay-to", payment.to);
    await this.type("pay-amount", payment.stg);
    await this.type("pay-note", payment.note ?? "");
    await this.tap("pay-review");
    await this.tap("pay-confirm");
    await this.see("pay-status", "data-state", "final", timeoutMs);
    const txid = await this.attribute("pay-status", "data-txid");
    await this.tap("pay-done");
    return txid;
  }

  async reload(): Promise<void> {
    await this.page.reload();
  }

  /** Closes the browser; the profile stays. */
  async close(): Promise<void> {
    await this.#context?.close();
    this.#context = undefined;
    this.#page = undefined;
  }

  async leave(): Promise<void> {
    await this.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}

/** The words of the wallet that a page shows; the page ends on its home screen. */
export async function readWords(page: Page): Promise<string> {
  await page.goto(new URL("/me?lang=en", page.url()).href);
  await page.getByTestId("words-open").click();
  await page.getByTestId("words-show").click();
  await page.getByTestId("words").waitFor();
  const items = await page.getByTestId("words").getByRole("listitem").allTextContents();
  await page.goto(new URL("/pay?lang=en", page.url()).href);
  return items.map((item) => item.replace(/[^a-z]/g, "")).join(" ");
}
