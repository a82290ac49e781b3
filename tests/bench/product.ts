import { constants, cpus, loadavg } from "node:os";
import { measureSizes } from "../../tools/sizes.ts";
import { AppVisitor } from "../support/app-visitor.ts";
import { removeDevnet, startDevnet } from "../support/devnet.ts";
import { SCREEN_STATES } from "../support/screen-states/all-states.ts";
import { scanState } from "../support/screen-states/scan-state.ts";
import { type LighthouseScores, measureLighthouse } from "./product/lighthouse-scores.ts";
import {
  makeWalletWithCoins,
  measureWarmStarts,
  prepareVisits,
  STRANGERS_WALKS,
  type Visit,
  visitCold,
  WALKS,
  worstOf,
} from "./product/measure-pages.ts";
import { buildApp } from "./support/build-app.ts";
import { CleanUp } from "./support/clean-up.ts";
import { giveWay } from "./support/give-way.ts";
import { UnwatchedBrowser } from "./support/unwatched-browser.ts";

/** The figures of `npm run bench -- product`: what somebody who opens the app sees, waits for and can use. */
export async function runBench(say: (line: string) => void): Promise<object> {
  say(`${cpus().length} cores of ${cpus()[0]?.model ?? "unknown kind"}, Node.js ${process.version}`);
  await buildApp();
  const { shellJsBytes, shellCssBytes } = measureSizes();
  const kilobytes = (bytes: number): number => Math.round(bytes / 100) / 10;
  say(`shell: ${kilobytes(shellJsBytes)} kB of scripts, ${kilobytes(shellCssBytes)} kB of styles (brotli)`);
  const { scores, visits, warmStartMs } = await measureApp(say);
  const axe = await scanEverything(say);
  const load = loadavg()[0];
  say(`load ${load?.toFixed(1)} afterwards`);
  return {
    lighthouse_performance: Math.min(...scores.map(({ performance }) => performance)),
    lighthouse_accessibility: Math.min(...scores.map(({ accessibility }) => accessibility)),
    lighthouse_best_practices: Math.min(...scores.map(({ bestPractices }) => bestPractices)),
    shell_js_kb_br: kilobytes(shellJsBytes),
    shell_css_kb_br: kilobytes(shellCssBytes),
    lcp_ms: Math.round(worstOf(visits, "lcpMs", say)),
    inp_ms: worstOf(visits, "inpMs", say),
    cls: Math.round(1_000 * worstOf(visits, "cls", say)) / 1_000,
    axe_violations: axe.violations,
    axe_scans: axe.scans,
    warm_start_ms: Math.round(warmStartMs),
    longest_task_ms: Math.round(worstOf(visits, "longestTaskMs", say)),
    load,
  };
}

interface Measured {
  readonly scores: readonly LighthouseScores[];
  readonly visits: readonly Visit[];
  readonly warmStartMs: number;
}

/** The built app, served by a node of a real network: Start before there is a wallet, everything else with one. */
async function measureApp(say: (line: string) => void): Promise<Measured> {
  const cleanUp = new CleanUp();
  try {
    // First, so that none is still starting when another is measured.
    const browser = await UnwatchedBrowser.arrive();
    cleanUp.add(() => browser.leave());
    const stranger = await UnwatchedBrowser.arrive();
    cleanUp.add(() => stranger.leave());
    const devnet = await startDevnet();
    cleanUp.add(() => devnet.stop().then(() => removeDevnet(devnet)));
    // A phone shares no processor with the nodes that it talks to, nor with who measures it. The browser of the scans, whose
    // time nobody takes, is as patient.
    for (const { pid } of devnet.file.validators) await giveWay(pid);
    await giveWay(process.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    const scores = [await measureLighthouse(browser.port, `${devnet.url}/?lang=en`, say)];
    await makeWalletWithCoins(browser, devnet.url);
    for (const screen of ["/pay", "/explore"])
      scores.push(await measureLighthouse(browser.port, `${devnet.url}${screen}?lang=en`, say));
    await prepareVisits(browser);
    const visits = await visitCold(browser, devnet.url, WALKS);
    const warmStartMs = await measureWarmStarts(browser, devnet.url, say);
    await prepareVisits(stranger);
    return { scores, visits: [...visits, ...(await visitCold(stranger, devnet.url, STRANGERS_WALKS))], warmStartMs };
  } finally {
    await cleanUp.run();
  }
}

/** The scans of tests/e2e/app-fake-everybody.test.ts, counted instead of expected. */
async function scanEverything(
  say: (line: string) => void,
): Promise<{ readonly scans: number; readonly violations: number }> {
  const visitor = await AppVisitor.arrive();
  let [scans, violations] = [0, 0];
  try {
    for (const state of SCREEN_STATES)
      await scanState(visitor, state, (scan) => {
        scans += 1;
        violations += scan.violations.length;
        for (const violation of scan.violations)
          say(`${scan.state}, ${scan.lang}, ${scan.colorScheme}: ${violation[0]}`);
      });
  } finally {
    await visitor.leave();
  }
  say(`axe: ${violations} violations in ${scans} scans`);
  return { scans, violations };
}
