import { percentile } from "../product/percentile.ts";
import { CleanUp } from "../support/clean-up.ts";
import { openCpuLimit } from "../support/cpu-limit.ts";
import { PHONE_LINE, ShapedLine } from "../support/shaped-line.ts";
import { type BrowserOptions, UnwatchedBrowser } from "../support/unwatched-browser.ts";

const P95 = 95;
const PAGE_MS = 60_000;
/** Four cores of a phone of the middle, each four times slower than one of a desk. */
const PHONE_CORES = 1;
const SEAL = '[data-testid="packet-open"]';
const RESULT = '[data-testid="packet-result"]';
const FINAL = `${RESULT}[data-state]:not([data-state="opening"])`;

/** One stranger's way from a link to coins. */
interface ClaimTimes {
  /** From the navigation. */
  readonly paintedMs: number;
  /** From the tap. */
  readonly finalMs: number;
  readonly totalMs: number;
  readonly bytes: number;
}

export interface ClaimFigures {
  readonly open_to_painted_ms_p95: number;
  readonly tap_to_final_ms_p95: number;
  readonly total_ms_p95: number;
  readonly bytes_to_coins_kb: number;
}

/**
 * Opens a packet in so many browsers that had nothing, one after the other: over the line of a phone, with a phone's
 * processors where this machine allows to limit them. The link must have a share for each.
 */
export async function measureClaims(
  link: string,
  strangers: number,
  say: (line: string) => void,
): Promise<ClaimFigures> {
  const cleanUp = new CleanUp();
  try {
    const limit = await openCpuLimit(PHONE_CORES);
    if (limit !== undefined) cleanUp.add(() => limit.remove());
    say(limit === undefined ? "processors unthrottled: no control groups here" : "one processor for the whole browser");
    const times: ClaimTimes[] = [];
    for (let stranger = 0; stranger < strangers; stranger++) {
      times.push(await claimAsStranger(link, limit === undefined ? {} : { limited: limit.limited }));
      const { paintedMs, finalMs, totalMs, bytes } = times.at(-1)!;
      say(`painted ${paintedMs} ms, tap to coins ${finalMs} ms, in all ${totalMs} ms, ${Math.round(bytes / 1_000)} kB`);
    }
    const p95 = (of: (each: ClaimTimes) => number): number => Math.round(percentile(times.map(of), P95));
    return {
      open_to_painted_ms_p95: p95(({ paintedMs }) => paintedMs),
      tap_to_final_ms_p95: p95(({ finalMs }) => finalMs),
      total_ms_p95: p95(({ totalMs }) => totalMs),
      bytes_to_coins_kb: Math.round(Math.max(...times.map(({ bytes }) => bytes)) / 1_000),
    };
  } finally {
    await cleanUp.run();
  }
}

async function claimAsStranger(link: string, options: BrowserOptions): Promise<ClaimTimes> {
  const line = await ShapedLine.open(PHONE_LINE);
  const browser = await UnwatchedBrowser.arrive({ ...options, told: line.browserArguments });
  try {
    await browser.goto(link);
    await browser.see(`button${SEAL}`, PAGE_MS);
    // Of the page's own clock: whoever measures shares no processor time with it.
    await browser.evaluate(recordResult, FINAL);
    await tapSeal(browser);
    await browser.see(FINAL, PAGE_MS);
    const state = await browser.attribute(RESULT, "data-state");
    if (state !== "won") throw new Error(`not opened: ${state}`);
    const { paintedMs, tappedMs, finalMs, originMs } = await browser.evaluate(
      () => (globalThis as unknown as Recorded).recorded,
    );
    return {
      paintedMs: Math.round(paintedMs),
      finalMs: Math.round(finalMs - tappedMs),
      // Whoever opens taps as soon as there is a seal; this browser was asked in turns whether there is one.
      totalMs: Math.round(paintedMs + finalMs - tappedMs),
      // Behind the result the app is fetched, while whoever measures has yet to hear of it.
      bytes: line.bytesDownBy(originMs + finalMs),
    };
  } finally {
    await browser.leave();
    await line.close();
  }
}

interface Recorded {
  recorded: { paintedMs: number; tappedMs: number; finalMs: number; originMs: number };
}

/** Runs in the page. */
function recordResult(final: string): void {
  const recorded = { paintedMs: 0, tappedMs: 0, finalMs: 0, originMs: performance.timeOrigin };
  (globalThis as unknown as Recorded).recorded = recorded;
  addEventListener("pointerdown", ({ timeStamp }) => (recorded.tappedMs = timeStamp), true);
  const look = (): void => {
    if (recorded.finalMs !== 0 || document.querySelector(final) === null) return;
    recorded.finalMs = performance.now();
    // The seal can be there before it was painted, so this is read last.
    recorded.paintedMs = performance.getEntriesByName("first-contentful-paint")[0]!.startTime;
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
}

/** A real tap: anything else opens nothing. */
async function tapSeal(browser: UnwatchedBrowser): Promise<void> {
  const place = await browser.evaluate((seal) => {
    const { x, y, width, height } = document.querySelector(seal)!.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  }, SEAL);
  for (const type of ["mousePressed", "mouseReleased"])
    await browser.send("Input.dispatchMouseEvent", { type, ...place, button: "left", clickCount: 1 });
}
