import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { CHROMIUM } from "./chromium.ts";

/** What may be wrong with a person's device. */
export interface Ailment {
  /** How far the clock is ahead. */
  readonly clockOffMs?: number;
  /** Opening a database throws. */
  readonly isStorageDenied?: boolean;
  /** Nothing more can be written. */
  readonly isStorageFull?: boolean;
}

const ROOM_CHANNEL = "test room";

/** Set in front of the client worker, which is where storage is used; it also listens to {@link AilingBrowser.fall}. */
const storage = ({ isStorageDenied = false, isStorageFull = false }: Ailment): string => `{
  let isFull = ${isStorageFull};
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...given) {
    if (isFull) throw new DOMException("no room", "QuotaExceededError");
    return put.apply(this, given);
  };
  new BroadcastChannel("${ROOM_CHANNEL}").addEventListener("message", ({ data }) => (isFull = data));
  if (${isStorageDenied}) {
    IDBFactory.prototype.open = () => {
      throw new DOMException("forbidden", "SecurityError");
    };
  }
}`;

/** Set in front of page and worker. */
const clock = ({ clockOffMs = 0 }: Ailment): string => `{
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      if (given.length === 0) super(RealDate.now() + ${clockOffMs});
      else super(...given);
    }
    static now() {
      return RealDate.now() + ${clockOffMs};
    }
  };
}`;

/** One person's browser whose device is not as it should be. It keeps what it stores until it is closed. */
export class AilingBrowser {
  readonly #url: string;
  readonly #context: BrowserContext;
  #ailment: Ailment;
  #page: Page | undefined;

  private constructor(url: string, context: BrowserContext, ailment: Ailment) {
    this.#url = url;
    this.#context = context;
    this.#ailment = ailment;
  }

  static async open(browser: Browser, url: string, ailment: Ailment = {}): Promise<AilingBrowser> {
    // A service worker would answer with scripts as they were.
    const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 390, height: 844 } });
    const own = new AilingBrowser(url, context, ailment);
    await context.route(/\/client\.worker-[^/]*\.js$/, async (route) => {
      const answer = await route.fetch();
      const body = [storage(own.#ailment), clock(own.#ailment), await answer.text()].join("\n");
      await route.fulfill({ response: answer, body });
    });
    return own;
  }

  get page(): Page {
    if (this.#page === undefined) throw new Error("nobody is there");
    return this.#page;
  }

  /** Opens the app anew; the page before is closed. */
  async visit(path = "/?lang=en"): Promise<Page> {
    await this.#page?.close();
    this.#page = await this.tab(path);
    return this.#page;
  }

  /** One more tab. */
  async tab(path: string): Promise<Page> {
    const tab = await this.#context.newPage();
    await tab.addInitScript(clock(this.#ailment));
    await tab.goto(this.#url + path);
    return tab;
  }

  /** From here on something else is wrong: with room at once, with the rest from the next start of the client on. */
  async fall(ailment: Ailment): Promise<void> {
    this.#ailment = ailment;
    await this.page.evaluate(
      ([name, isFull]) => {
        const channel = new BroadcastChannel(name);
        channel.postMessage(isFull);
        channel.close();
      },
      [ROOM_CHANNEL, ailment.isStorageFull === true] as const,
    );
  }

  /** Runs in a page of this origin that is not the app. */
  async besideTheApp<T>(work: () => Promise<T>): Promise<T> {
    const tab = await this.#context.newPage();
    await tab.goto(`${this.#url}/network.json`);
    const result = await tab.evaluate(work);
    await tab.close();
    return result;
  }

  /** The browser forgets everything of this origin. */
  async evict(): Promise<void> {
    const session = await this.#context.newCDPSession(this.page);
    await session.send("Storage.clearDataForOrigin", { origin: this.#url, storageTypes: "all" });
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch(CHROMIUM);
}
