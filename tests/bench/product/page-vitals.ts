import type { UnwatchedBrowser } from "../support/unwatched-browser.ts";

/** What a page has cost whoever looked at it, from when it was navigated to. */
export interface PageVitals {
  /** When the largest text or picture of the first view was painted. */
  readonly lcpMs: number;
  /** The slowest tap or key, from the finger to the next picture; in steps of 8 ms. 0 where nothing was slower than 16. */
  readonly inpMs: number;
  /** All that moved without being asked, summed over the life of the page: more than the figure by windows of time. */
  readonly cls: number;
  /** Longest task of the main thread that began after the load event. 0 where none was over 50 ms. */
  readonly longestTaskMs: number;
}

/** Runs in the page, and has to stand alone there. */
function record(): void {
  const vitals = { lcpMs: 0, inpMs: 0, cls: 0, longestTaskMs: 0 };
  (globalThis as unknown as { vitals: PageVitals }).vitals = vitals;
  let loadedMs = Infinity;
  addEventListener("load", () => (loadedMs = performance.now()));
  const watch = (type: string, see: (entry: PerformanceEntry) => void, durationThreshold?: number): void => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(see));
    observer.observe({ type, buffered: true, ...(durationThreshold === undefined ? {} : { durationThreshold }) });
  };
  watch("largest-contentful-paint", ({ startTime }) => (vitals.lcpMs = startTime));
  watch("layout-shift", (entry) => {
    const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
    if (!hadRecentInput) vitals.cls += value;
  });
  watch("longtask", ({ startTime, duration }) => {
    if (startTime >= loadedMs) vitals.longestTaskMs = Math.max(vitals.longestTaskMs, duration);
  });
  watch(
    "event",
    (entry) => {
      const { interactionId, duration } = entry as PerformanceEventTiming & { interactionId: number };
      if (interactionId > 0) vitals.inpMs = Math.max(vitals.inpMs, duration);
    },
    16,
  );
}

/** Every page from the next one on says how it fares. */
export async function recordVitals(browser: UnwatchedBrowser): Promise<void> {
  await browser.atEveryStart(record);
}

/** Of the page that is open now, up to its last picture. */
export async function vitalsOf(browser: UnwatchedBrowser): Promise<PageVitals> {
  return browser.evaluate(async () => {
    const painted = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await painted();
    await painted();
    // Observers hear of what they watch in tasks of their own.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return (globalThis as unknown as { vitals: PageVitals }).vitals;
  });
}
