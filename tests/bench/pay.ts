import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createNobleBackend } from "../../src/core/crypto/backend/noble-backend.ts";
import { formatAddress } from "../../src/core/values/address.ts";
import { deriveAccount, deriveAddress } from "../../src/core/wallet/keys.ts";
import { measureSizes } from "../../tools/sizes.ts";
import { Person } from "../support/browser.ts";
import { freePort, startDevnet, type Devnet } from "../support/devnet.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const FINAL_RUNS = 20;
const BROWSER_RUNS = 10;
const READY_TIMEOUT_MS = 600_000;
const MICRO_PER_RUN = 100_000n;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const numbers = new SeededNumbers(1);

interface Spread {
  readonly p50: number;
  readonly max: number;
}

function spread(times: readonly number[]): Spread {
  const sorted = [...times].sort((left, right) => left - right);
  return { p50: Math.round(sorted[Math.floor(sorted.length / 2)]!), max: Math.round(sorted[sorted.length - 1]!) };
}

/** The figures of `npm run bench -- pay`: what a person waits for, on a local network of four real validators. */
export async function runBench(say: (line: string) => void): Promise<object> {
  say(`${cpus().length} cores of ${cpus()[0]?.model ?? "unknown kind"}, Node.js ${process.version}`);
  const { first, second } = await measureReady(say);
  const devnet = await startDevnet();
  try {
    const final = await measureFinal(devnet, say);
    const browsers = await measureBrowsers(devnet, say);
    const { shellJsBytes, lines } = measureSizes();
    for (const line of lines) say(line);
    return {
      final_ms_p50: final.p50,
      final_ms_max: final.max,
      browser_to_browser_ms_p50: browsers.p50,
      browser_to_browser_ms_max: browsers.max,
      ready_ms_first: first,
      ready_ms_second: second,
      shell_js_kb_br: Math.round(shellJsBytes / 100) / 10,
    };
  } finally {
    await devnet.stop();
    await rm(devnet.directory, { recursive: true, force: true });
  }
}

/** `npm start` in a fresh clone of what is committed, with npm's cache as it is; then once more. */
async function measureReady(say: (line: string) => void): Promise<{ readonly first: number; readonly second: number }> {
  const clone = await mkdtemp(join(tmpdir(), "stegos-clone-"));
  try {
    execFileSync("git", ["clone", "--quiet", ROOT, clone]);
    const first = await startOnce(clone);
    const second = await startOnce(clone);
    say(`npm start in a fresh clone to ready: ${first} ms, again: ${second} ms`);
    return { first, second };
  } finally {
    // npm ends before the nodes that it began: they may still be writing.
    await rm(clone, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

async function startOnce(folder: string): Promise<number> {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn("npm", ["start", "--", "--http", String(port)], { cwd: folder, detached: true });
  const ready = new Promise<number>((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`npm start was not ready in time:\n${output}`)), READY_TIMEOUT_MS);
    const look = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!/^ready http/m.test(output)) return;
      clearTimeout(timer);
      resolve(Math.round(performance.now() - begun));
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.on("exit", () => reject(new Error(`npm start ended:\n${output}`)));
  });
  const exited = new Promise((resolve) => child.on("exit", resolve));
  try {
    return await ready;
  } finally {
    // The whole group, as Ctrl-C in a terminal does it.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGINT");
    await exited;
  }
}

/** One payment at a time at random moments of an idle network: from its arrival at a node to its block being final there. */
async function measureFinal(devnet: Devnet, say: (line: string) => void): Promise<Spread> {
  const curve = createNobleBackend();
  const { view } = deriveAccount(curve, new Uint8Array(32).fill(77), 0);
  for (let run = 0; run < FINAL_RUNS; run++) {
    const address = formatAddress(deriveAddress(curve, view, run), "dev");
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${devnet.url}/faucet`, { method: "POST", headers, body: JSON.stringify({ address }) });
    if (!answer.ok) throw new Error(`the faucet refused: ${await answer.text()}`);
    await sleep(numbers.between(2_500, 4_500));
  }
  const metrics = await (await fetch(`${devnet.url}/metrics`)).text();
  const figure = (name: string): number => Number(new RegExp(`^${name} (.*)$`, "m").exec(metrics)?.[1]);
  const p50 = Math.round(1_000 * figure("stegos_finality_median_seconds"));
  const max = Math.round(1_000 * figure("stegos_finality_max_seconds"));
  say(
    `arrival to final over ${figure("stegos_final_transactions_total")} payments: median ${p50} ms, longest ${max} ms`,
  );
  return { p50, max };
}

/** From the tap on "Pay" in one browser to the final balance in another one. */
async function measureBrowsers(devnet: Devnet, say: (line: string) => void): Promise<Spread> {
  const alice = await Person.arrive("alice", devnet.url);
  const bob = await Person.arrive("bob", devnet.url);
  try {
    for (const person of [alice, bob]) await person.makeWallet(60_000);
    await alice.tap("faucet");
    await alice.page.locator('[data-testid="home-balance"][data-usable="1000000000"]').waitFor({ timeout: 60_000 });
    const to = await bob.attribute("receive-address", "data-address");
    const times: number[] = [];
    for (let run = 1; run <= BROWSER_RUNS; run++) {
      await alice.tap("pay-open");
      await alice.type("pay-to", to);
      await alice.type("pay-amount", "0.1");
      await alice.tap("pay-review");
      await alice.page.getByTestId("pay-confirm").waitFor();
      const arrived = bob.page
        .locator(`[data-testid="home-balance"][data-total="${MICRO_PER_RUN * BigInt(run)}"]`)
        .waitFor({ timeout: 60_000 });
      const begun = performance.now();
      await alice.tap("pay-confirm");
      await arrived;
      times.push(performance.now() - begun);
      await alice.see("pay-status", "data-state", "final", 60_000);
      await alice.page.goto(`${devnet.url}/?lang=en`);
      await alice.see("sync-state", "data-state", "live", 60_000);
      await sleep(numbers.between(500, 2_500));
    }
    const result = spread(times);
    say(`tap to final in the other browser, ${BROWSER_RUNS} runs: median ${result.p50} ms, longest ${result.max} ms`);
    return result;
  } finally {
    await alice.leave();
    await bob.leave();
  }
}
