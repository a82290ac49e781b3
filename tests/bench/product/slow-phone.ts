import type { UnwatchedBrowser } from "../support/unwatched-browser.ts";

const CPU_SLOWDOWN = 4;
const ROUND_TRIP_MS = 100;
const BYTES_PER_SECOND_DOWN = 9_000_000 / 8;
const BYTES_PER_SECOND_UP = 3_000_000 / 8;

/** A phone of the middle: four times slower, 360 × 740, 9 and 3 Mbit/s with 100 ms to and fro. Sockets stay fast. */
export async function becomeSlowPhone(browser: UnwatchedBrowser): Promise<void> {
  await browser.send("Network.enable");
  await browser.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  const screen = { width: 360, height: 740, deviceScaleFactor: 2, mobile: true };
  await browser.send("Emulation.setDeviceMetricsOverride", screen);
  const throughput = { downloadThroughput: BYTES_PER_SECOND_DOWN, uploadThroughput: BYTES_PER_SECOND_UP };
  await browser.send("Network.emulateNetworkConditions", { offline: false, latency: ROUND_TRIP_MS, ...throughput });
}

/** Pages load as in a browser that was never here, until told otherwise: from no cache, through no service worker. */
export async function loadCold(browser: UnwatchedBrowser, isCold: boolean): Promise<void> {
  await browser.send("Network.setCacheDisabled", { cacheDisabled: isCold });
  await browser.send("Network.setBypassServiceWorker", { bypass: isCold });
}

/** A real tap in the middle of an element, which the browser counts as a person's. */
export async function tapLikeAPerson(browser: UnwatchedBrowser, selector: string): Promise<void> {
  await browser.see(selector);
  const place = await browser.evaluate((wanted) => {
    const element = document.querySelector(wanted)!;
    element.scrollIntoView({ block: "center", behavior: "instant" });
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  }, selector);
  for (const type of ["mousePressed", "mouseReleased"])
    await browser.send("Input.dispatchMouseEvent", { type, ...place, button: "left", clickCount: 1 });
}

/** Types into what has the focus, key by key. */
export async function typeLikeAPerson(browser: UnwatchedBrowser, text: string): Promise<void> {
  for (const key of text) {
    await browser.send("Input.dispatchKeyEvent", { type: "keyDown", key, text: key });
    await browser.send("Input.dispatchKeyEvent", { type: "keyUp", key });
  }
}
