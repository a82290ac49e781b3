import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import { blockId, decodeHeader } from "../../../src/core/chain/header.ts";
import { height } from "../../../src/core/values/height.ts";
import { DevnetDirectory } from "../../../src/node/cli/devnet-directory.ts";
import { openLevelStore } from "../../../src/node/storage/level-store.ts";
import { callRpc } from "../../support/devnet.ts";
import { startBenchDevnet } from "../support/bench-devnet.ts";
import type { CleanUp } from "../support/clean-up.ts";
import { copyFilledDevnet } from "../support/kept-fill.ts";
import { processSeconds } from "../support/process-time.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** So many different proofs stand under the outputs: to verify one costs the same each time it comes. */
const PROVEN_COINS = 2_048;
const POLL_MS = 50;
/** Ten times what is asked for: then something is broken rather than slow. */
const PATIENCE_MS = 600_000;

export interface SnapshotFigures {
  /** From the start of the process to the newest block, in seconds. */
  readonly seconds: number;
  /** Processor time of who joined and of who served, in seconds, until then. */
  readonly joinerCpuS: number;
  readonly serverCpuS: number;
}

interface Status {
  readonly height: number;
}

/**
 * A node with an empty folder joins by a snapshot of so many live outputs, from one validator over loopback: two
 * processes as people start them. All proofs are real, and both the joiner's own checks and its supply have to hold.
 */
export async function measureSnapshot(
  liveCount: number,
  cleanUp: CleanUp,
  say: (line: string) => void,
): Promise<SnapshotFigures> {
  const directory = await copyFilledDevnet({ liveCount, provenCoins: PROVEN_COINS, say });
  const removed = cleanUp.add(() => rm(directory, { recursive: true, force: true }));
  try {
    const checkpoint = await lastBoundary(new DevnetDirectory(directory));
    const { devnet, stopped } = await startBenchDevnet(directory, cleanUp);
    try {
      return await joinIt(directory, devnet.file.validators[0]!, checkpoint, cleanUp, say);
    } finally {
      await stopped();
    }
  } finally {
    await removed();
  }
}

/** The end of the filled chain, as --checkpoint takes it. */
async function lastBoundary(directory: DevnetDirectory): Promise<string> {
  const store = await openLevelStore(join(directory.node(0), "database"));
  try {
    const at = store.readableBoundaries().at(-1) ?? height(0);
    return `${at}:${formatHex(blockId(decodeHeader((await store.header(at))!)))}`;
  } finally {
    await store.close();
  }
}

async function joinIt(
  directory: string,
  server: { readonly pid: number; readonly rpc: string; readonly addresses: readonly string[] },
  checkpoint: string,
  cleanUp: CleanUp,
  say: (line: string) => void,
): Promise<SnapshotFigures> {
  const data = await mkdtemp(join(tmpdir(), "stegos-joiner-"));
  const removed = cleanUp.add(() => rm(data, { recursive: true, force: true }));
  const genesis = new DevnetDirectory(directory).genesis;
  const listen = ["--listen", "/ip4/127.0.0.1/tcp/0"];
  const joining = ["--dial", server.addresses[0]!, "--checkpoint", checkpoint];
  const args = [
    "--network",
    "dev",
    "--genesis",
    genesis,
    "--data",
    data,
    ...listen,
    ...joining,
    "--rpc",
    "0",
    "--json",
  ];
  const servedBefore = (await processSeconds(server.pid)) ?? 0;
  const begun = performance.now();
  const child = spawn(process.execPath, ["src/node/cli/main.ts", "node", ...args], { cwd: ROOT });
  const killed = cleanUp.add(() => endNow(child));
  try {
    const rpc = await readyOf(child, say);
    for (;;) {
      const [joined, served] = await Promise.all([rpc, server.rpc].map((each) => callRpc<Status>(each, "status")));
      if (joined!.height >= served!.height) break;
      if (performance.now() - begun > PATIENCE_MS) throw new Error("the node that joined does not follow");
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const seconds = (performance.now() - begun) / 1_000;
    const [joinerCpuS = 0, servedAfter = 0] = [await processSeconds(child.pid!), await processSeconds(server.pid)];
    const figures = {
      seconds: Math.round(10 * seconds) / 10,
      joinerCpuS,
      serverCpuS: Math.round(100 * (servedAfter - servedBefore)) / 100,
    };
    const { invariant_ok } = await callRpc<{ readonly invariant_ok: boolean }>(rpc, "supply");
    if (!invariant_ok) throw new Error("the supply of who joined does not hold");
    say(`joined and followed after ${figures.seconds} s: ${JSON.stringify(figures)}`);
    return figures;
  } finally {
    await killed();
    await removed();
  }
}

/** Where it answers, once it says that it is ready; what it logs meanwhile is told. */
function readyOf(child: ChildProcess, say: (line: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the node did not join in time")), PATIENCE_MS);
    createInterface({ input: child.stderr! }).on("line", (line) => say(`  ${line}`));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const { rpc } = JSON.parse(line) as { readonly rpc: string };
      clearTimeout(timer);
      resolve(rpc);
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the node that was to join ended with ${code}`));
    });
  });
}

function endNow(child: ChildProcess): Promise<void> | undefined {
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
