import type { UnwatchedBrowser } from "./unwatched-browser.ts";

/** What the page showed from a moment on. */
export interface BalanceSeen {
  /** Since the restore was asked for; for a page recorded from its start, since it was navigated to. */
  readonly atMs: number;
  /** µSTG; -1 while the page does not say. */
  readonly total: number;
  readonly usable: number;
  readonly isRestoring: boolean;
  readonly counts: string;
}

interface Recording {
  seen: BalanceSeen[];
}

/** Runs in the page, and has to stand alone there. */
function record(): void {
  const recording: Recording = { seen: [] };
  (globalThis as unknown as { recording: Recording }).recording = recording;
  let begunMs = 0;
  let last = "";
  const look = (): void => {
    const balance = document.querySelector('[data-testid="home-balance"]');
    const figure = (name: string): number => Number(balance?.getAttribute(name) ?? -1);
    const shown = {
      total: figure("data-total"),
      usable: figure("data-usable"),
      isRestoring: document.querySelector('[data-testid="restoring"]') !== null,
      counts: document.querySelector('[data-testid="restoring-counts"]')?.textContent ?? "",
    };
    const text = JSON.stringify(shown);
    if (text === last) return;
    last = text;
    recording.seen.push({ atMs: performance.now() - begunMs, ...shown });
  };
  const begin = ({ target }: Event): void => {
    const isSubmit = target instanceof Element && target.closest('[data-testid="restore-submit"]') !== null;
    if (!isSubmit) return;
    begunMs = performance.now();
    recording.seen = [];
  };
  document.addEventListener("click", begin, true);
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
}

/** Records from now on; the clock begins with the tap that submits the words. */
export async function recordBalances(browser: UnwatchedBrowser): Promise<void> {
  await browser.evaluate(record);
}

/** Records every page from when it was navigated to. */
export async function recordEveryStart(browser: UnwatchedBrowser): Promise<void> {
  await browser.atEveryStart(record);
}

export async function newestBalance(browser: UnwatchedBrowser): Promise<BalanceSeen | undefined> {
  return browser.evaluate(() => (globalThis as unknown as { recording?: Recording }).recording?.seen.at(-1));
}

export async function balancesOf(browser: UnwatchedBrowser): Promise<readonly BalanceSeen[]> {
  return browser.evaluate(() => (globalThis as unknown as { recording: Recording }).recording.seen);
}
