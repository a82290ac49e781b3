import { describe, expect, it } from "vitest";
import { installSourceOf } from "../../../src/app/client/install-source.ts";
import { InstallState } from "../../../src/app/state/install.svelte.ts";

const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const SAFARI = `${IPHONE} Version/18.5 Mobile/15E148 Safari/604.1`;
const CHROME =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36";

/** A browser that offers when told to, and counts how often it has asked. */
class Browser extends EventTarget {
  readonly navigator: { readonly userAgent: string; readonly maxTouchPoints: number; readonly standalone?: boolean };
  outcome: "accepted" | "dismissed" | "broken" = "accepted";
  askedCount = 0;
  readonly #mode: string;

  constructor(userAgent: string, mode = "browser", standalone?: boolean) {
    super();
    this.navigator = { userAgent, maxTouchPoints: 5, ...(standalone === undefined ? {} : { standalone }) };
    this.#mode = mode;
  }

  matchMedia(query: string) {
    return { matches: query === `(display-mode: ${this.#mode})` };
  }

  offer(): Event {
    const event = Object.assign(new Event("beforeinstallprompt", { cancelable: true }), {
      prompt: () => {
        this.askedCount += 1;
        return this.outcome === "broken"
          ? Promise.reject(new Error("gone"))
          : Promise.resolve({ outcome: this.outcome });
      },
    });
    this.dispatchEvent(event);
    return event;
  }
}

const stateIn = (browser: Browser) => new InstallState(installSourceOf(browser));

describe("keeping the app on this device", () => {
  it("is offered where the browser can ask, which asks only when the person taps", async () => {
    const browser = new Browser(CHROME);
    const install = stateIn(browser);
    expect(install.way).toBeUndefined();
    expect(browser.offer().defaultPrevented).toBe(true);
    expect([install.way, browser.askedCount]).toEqual(["prompt", 0]);
    await install.prompt();
    expect([install.way, install.isDeclined, browser.askedCount]).toEqual([undefined, false, 1]);
    browser.dispatchEvent(new Event("appinstalled"));
    expect([install.isInstalled, install.way]).toEqual([true, undefined]);
    // Some browsers offer again.
    browser.offer();
    expect(install.way).toBeUndefined();
  });

  it.each(["dismissed", "broken"] as const)(
    "takes an answer that was %s as a no, and waits to be offered again",
    async (outcome) => {
      const browser = new Browser(CHROME);
      const install = stateIn(browser);
      browser.outcome = outcome;
      browser.offer();
      await install.prompt();
      expect([install.way, install.isDeclined, install.isInstalled]).toEqual([undefined, true, false]);
      await install.prompt();
      expect([install.isDeclined, browser.askedCount]).toEqual([false, 1]);
      browser.offer();
      expect(install.way).toBe("prompt");
    },
  );

  it("is shown by hand on an iPhone", () => {
    expect(stateIn(new Browser(SAFARI)).way).toBe("guide");
  });

  it.each(["standalone", "minimal-ui", "fullscreen", "window-controls-overlay"])(
    "is no question where it stays already, in a window that is %s",
    (mode) => {
      const browser = new Browser(CHROME, mode);
      const install = stateIn(browser);
      browser.offer();
      expect([install.isInstalled, install.way, install.isInApp]).toEqual([true, undefined, false]);
    },
  );

  it("is no question on the home screen of an iPhone, whose windows look like those of an app", () => {
    const install = stateIn(new Browser(`${IPHONE} Mobile/15E148`, "browser", true));
    expect([install.way, install.isInApp]).toEqual([undefined, false]);
  });

  it("waits for a real browser inside another app", () => {
    const browser = new Browser(
      `${IPHONE} Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN`,
    );
    const install = stateIn(browser);
    browser.offer();
    expect([install.isInApp, install.way]).toEqual([true, undefined]);
  });
});
