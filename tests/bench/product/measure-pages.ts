import { balancesOf, recordEveryStart } from "../support/record-balances.ts";
import type { UnwatchedBrowser } from "../support/unwatched-browser.ts";
import { type PageVitals, recordVitals, vitalsOf } from "./page-vitals.ts";
import { percentile } from "./percentile.ts";
import { becomeSlowPhone, loadCold, tapLikeAPerson, typeLikeAPerson } from "./slow-phone.ts";

const VISITS = 20;
const WARM_STARTS = 20;
const P95 = 95;
const LIVE = '[data-testid="sync-state"][data-state="live"]';
const KNOWN_BALANCE = '[data-testid="home-balance"][data-total]';
const FAUCET_MICRO = 1_000_000_000;
const PAGE_MS = 60_000;
const REST_MS = 1_000;

const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, REST_MS));
const hook = (testId: string): string => `[data-testid="${testId}"]`;
const tab = (route: string): string => `nav a[href="${route}"]`;

/** A page that was visited, what is done there, and what it cost. */
export interface Visit {
  readonly screen: string;
  readonly vitals: PageVitals;
}

type Walk = (browser: UnwatchedBrowser) => Promise<void>;

/** One tap in a browser without a wallet, then test coins; ends on an empty page with nobody else at the wallet. */
export async function makeWalletWithCoins(browser: UnwatchedBrowser, url: string): Promise<void> {
  await browser.goto(`${url}/?lang=en`);
  await browser.tap("onboard-create");
  await browser.see(LIVE, PAGE_MS);
  await browser.tap("faucet");
  await browser.see(`${hook("home-balance")}[data-total="${FAUCET_MICRO}"]`, PAGE_MS);
  await browser.goto("about:blank");
}

/** From here on its pages are those of a slow phone, and say how they fare. */
export async function prepareVisits(browser: UnwatchedBrowser): Promise<void> {
  await becomeSlowPhone(browser);
  await recordVitals(browser);
  await recordEveryStart(browser);
}

/** Start in a browser without a wallet. */
export const STRANGERS_WALKS: Readonly<Record<string, Walk>> = {
  "/": (browser) => browser.see(hook("onboard-create"), PAGE_MS),
};

/** What is done on each screen: taps and keys, each waited for until its answer is there. */
export const WALKS: Readonly<Record<string, Walk>> = {
  "/pay": async (browser) => {
    await browser.see(KNOWN_BALANCE, PAGE_MS);
    await browser.see(LIVE, PAGE_MS);
    await tapLikeAPerson(browser, hook("pay-open"));
    await tapLikeAPerson(browser, hook("pay-to"));
    await typeLikeAPerson(browser, "dstg1qq");
    await tapLikeAPerson(browser, hook("pay-amount"));
    await typeLikeAPerson(browser, "12.5");
    await tapLikeAPerson(browser, hook("pay-review"));
  },
  "/explore": async (browser) => {
    await browser.see(hook("explore-height"), PAGE_MS);
    await tapLikeAPerson(browser, tab("/me"));
    await tapLikeAPerson(browser, hook("settings-open"));
    await browser.see(hook("node"), PAGE_MS);
    await tapLikeAPerson(browser, tab("/pay"));
    await tapLikeAPerson(browser, `${hook("history-row")} button`);
    await browser.see("dialog[open]", PAGE_MS);
  },
  "/pay/receive": async (browser) => {
    await browser.see("svg[role=img]", PAGE_MS);
    await tapLikeAPerson(browser, hook("receive-fresh"));
  },
};

/** Each screen several times, as in a browser that has nothing of it yet. */
export async function visitCold(
  browser: UnwatchedBrowser,
  url: string,
  walks: Readonly<Record<string, Walk>>,
): Promise<readonly Visit[]> {
  await loadCold(browser, true);
  const visits: Visit[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    for (const [screen, walk] of Object.entries(walks)) {
      await browser.goto(`${url}${screen}?lang=en`);
      await walk(browser);
      visits.push({ screen, vitals: await vitalsOf(browser) });
    }
  }
  await loadCold(browser, false);
  return visits;
}

/** One figure: what 95 of 100 visits of the worst screen do not exceed. */
export function worstOf(visits: readonly Visit[], name: keyof PageVitals, say: (line: string) => void): number {
  const byScreen = [...new Set(visits.map(({ screen }) => screen))].map((screen) => {
    const values = visits.filter((visit) => visit.screen === screen).map(({ vitals }) => vitals[name]);
    const value = percentile(values, P95);
    say(`${name} of ${screen}: ${value.toFixed(3)} (p95), ${percentile(values, 50).toFixed(3)} (median)`);
    return value;
  });
  return Math.max(...byScreen);
}

/** From the navigation to the last balance, with all that a second visit has in its caches: milliseconds, p95. */
export async function measureWarmStarts(
  browser: UnwatchedBrowser,
  url: string,
  say: (line: string) => void,
): Promise<number> {
  const times: number[] = [];
  // The first one fills caches.
  for (let run = 0; run <= WARM_STARTS; run++) {
    await browser.goto("about:blank");
    // The page before it is taken down and its successor's process made: nobody's visit begins in the middle of that.
    await rest();
    await browser.goto(`${url}/?lang=en`);
    await browser.see(KNOWN_BALANCE, PAGE_MS);
    await browser.see(LIVE, PAGE_MS);
    const shown = (await balancesOf(browser)).find(({ total }) => total === FAUCET_MICRO);
    if (shown === undefined) throw new Error("the balance was never shown");
    if (run > 0) times.push(shown.atMs);
  }
  say(`warm start to the last balance: ${Math.round(percentile(times, 50))} ms (median) of ${WARM_STARTS}`);
  return percentile(times, P95);
}
