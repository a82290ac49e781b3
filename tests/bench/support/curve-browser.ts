import { existsSync } from "node:fs";
import type { CDPSession, Page } from "playwright-core";
import { CHROMIUM } from "../../support/chromium.ts";
import { TestPage } from "../../support/test-page.ts";
import type { CurvePage } from "../curve/curve-page.ts";
import type { WorkGroup } from "../curve/work-groups.ts";
import { secondsBetween, threadTimes, type CpuTimes } from "./process-time.ts";
import { rateOf, warmedUp, type Candidate, type Rate } from "./rates.ts";
import type { WorkDone } from "./work.ts";

declare const runWork: CurvePage["runWork"];
declare const scanRanges: CurvePage["scanRanges"];

/** The works of `bench/curve` in workers of a Chromium. */
export class CurveBrowser {
  readonly #page: TestPage;
  readonly #tab: Page;
  readonly #session: CDPSession;

  private constructor(page: TestPage, tab: Page, session: CDPSession) {
    this.#page = page;
    this.#tab = tab;
    this.#session = session;
  }

  /** undefined where there is no Chromium, or none that starts. */
  static async open(say: (line: string) => void): Promise<CurveBrowser | undefined> {
    if (!existsSync(CHROMIUM.executablePath)) {
      say(`no Chromium at ${CHROMIUM.executablePath} (CHROMIUM_PATH names another): no figures of browsers`);
      return undefined;
    }
    let page: TestPage;
    try {
      page = await TestPage.open("tests/bench/curve/curve-page.ts");
    } catch (error) {
      // A page that cannot be built is our own mistake.
      if (!String(error).includes("browserType.launch")) throw error;
      say(`Chromium does not start, so no figures of browsers: ${String(error).split("\n")[0]}`);
      return undefined;
    }
    const tab = await page.tab();
    const session = await tab.context().browser()!.newBrowserCDPSession();
    return new CurveBrowser(page, tab, session);
  }

  /** A work on so many workers at once; its rate is that of all together. */
  candidate(name: string, group: WorkGroup, work: string, threads = 1): Candidate {
    const run = (seconds: number): Promise<WorkDone | undefined> =>
      this.#tab.evaluate(([of, what, length, count]) => runWork(of, what, length, count), [
        group,
        work,
        seconds,
        threads,
      ] as const);
    return { name, round: warmedUp(run, (seconds) => this.#measure(() => run(seconds))) };
  }

  /** The app's own scan of ranges on two crypto workers. */
  rangesCandidate(name: string): Candidate {
    const run = (seconds: number): Promise<WorkDone> => this.#tab.evaluate((length) => scanRanges(length), seconds);
    return { name, round: warmedUp(run, (seconds) => this.#measure(() => run(seconds))) };
  }

  async close(): Promise<void> {
    await this.#page.close();
  }

  async #measure(run: () => Promise<WorkDone | undefined>): Promise<Rate | undefined> {
    const before = await this.#cpuTimes();
    const done = await run();
    return done && rateOf(done, secondsBetween(before, await this.#cpuTimes()));
  }

  /** Of all pages and their workers; to 10 ms, and each page as one, where only Chromium itself says it. */
  async #cpuTimes(): Promise<CpuTimes> {
    const { processInfo } = await this.#session.send("SystemInfo.getProcessInfo");
    const pages = processInfo.filter(({ type }) => type === "renderer");
    const times = await Promise.all(
      pages.map(async ({ id, cpuTime }) => (await threadTimes(id)) ?? new Map([[String(id), cpuTime]])),
    );
    return new Map(times.flatMap((each) => [...each]));
  }
}
