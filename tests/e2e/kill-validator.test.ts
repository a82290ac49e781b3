import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNobleBackend } from "../../src/core/crypto/backend/noble-backend.ts";
import { formatAddress } from "../../src/core/values/address.ts";
import { deriveAccount, deriveAddress } from "../../src/core/wallet/keys.ts";
import { callRpc, removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { runs } from "../support/run-counts.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const KILLS = runs(6, 500);
const UP_MS_MAX = 3_000;
const BACK_TIMEOUT_MS = 60_000;

interface NodeStatus {
  readonly height: number;
  readonly block_hash: string;
}

const numbers = new SeededNumbers(SEED);
const restarted: ChildProcess[] = [];
let devnet: Devnet;
let commands: readonly (readonly string[])[];
let pids: number[];

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How the devnet's parent started a process, so that the test can start it again: the parent never does. */
function commandOf(pid: number): readonly string[] {
  return execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], { encoding: "utf8" })
    .trim()
    .split(" ");
}

async function heightOf(rpc: string): Promise<number> {
  return await callRpc<NodeStatus>(rpc, "status").then(
    (status) => status.height,
    () => -1,
  );
}

async function waitForHeight(rpc: string, atLeast: number): Promise<void> {
  await expect.poll(() => heightOf(rpc), { timeout: BACK_TIMEOUT_MS, interval: 100 }).toBeGreaterThanOrEqual(atLeast);
}

function restart(index: number): void {
  const [node, ...args] = commands[index]!;
  const child = spawn(node!, args, { stdio: ["ignore", "ignore", "inherit"] });
  restarted.push(child);
  pids[index] = child.pid!;
}

/** Faucet payments to ever new addresses, as a load that makes real transactions. */
function startLoad(): () => Promise<number> {
  const curve = createNobleBackend();
  const { view } = deriveAccount(curve, new Uint8Array(32).fill(9), 0);
  const stop = new AbortController();
  let paid = 0;
  const loop = (async () => {
    for (let index = 0; !stop.signal.aborted; index++) {
      const address = formatAddress(deriveAddress(curve, view, index), "dev");
      const body = JSON.stringify({ address });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${devnet.url}/faucet`, { method: "POST", headers, body }).catch(() => undefined);
      if (answer?.ok === true) paid++;
      await sleep(300);
    }
  })();
  return async () => {
    stop.abort();
    await loop;
    return paid;
  };
}

beforeAll(async () => {
  devnet = await startDevnet();
  pids = devnet.file.validators.map((validator) => validator.pid);
  commands = pids.map(commandOf);
});

afterAll(async () => {
  for (const child of restarted) child.kill("SIGKILL");
  await devnet.stop();
  await removeDevnet(devnet);
});

describe(`validators killed under load, replay with SEED=${SEED}`, () => {
  it(`[CO-14] ${KILLS} kills at random moments: the killed one comes back, nobody signs twice`, async () => {
    const stopLoad = startLoad();
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(numbers.between(0, UP_MS_MAX));
      // The first one serves page and faucet, which are not what is tried here.
      const index = numbers.between(1, 3);
      process.kill(pids[index]!, "SIGKILL");
      await sleep(numbers.between(0, UP_MS_MAX));
      restart(index);
      const before = await heightOf(devnet.file.validators[0]!.rpc);
      await waitForHeight(devnet.file.validators[index]!.rpc, before + 1);
    }
    expect(await stopLoad()).toBeGreaterThan(0);
  });

  it("all four hold the same chain, and its supply adds up", async () => {
    const heights = await Promise.all(devnet.file.validators.map(({ rpc }) => heightOf(rpc)));
    const common = Math.min(...heights);
    expect(common).toBeGreaterThan(0);
    const hashes = await Promise.all(
      devnet.file.validators.map(({ rpc }) => callRpc<{ hash: string }>(rpc, "get_block", { height: common })),
    );
    expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(1);
    for (const { rpc } of devnet.file.validators) {
      expect((await callRpc<{ invariant_ok: boolean }>(rpc, "supply")).invariant_ok).toBe(true);
    }
  });

  it("[ST-4] no node has seen an equivocation", async () => {
    const logs = (await readdir(devnet.directory)).filter((name) => name.endsWith(".log"));
    expect(logs.length).toBe(4);
    for (const name of logs) expect(await readFile(join(devnet.directory, name), "utf8")).not.toContain("equivocation");
  });
});
