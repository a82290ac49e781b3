import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NETWORK_PARAMS, type NetworkParams } from "../../src/core/params/network-params.ts";
import { timeMs } from "../../src/core/values/height.ts";
import { CHAIN_ID_DEV_MIN } from "../../src/core/values/network.ts";
import { devGenesis } from "../../src/core/wallet/dev-genesis.ts";
import { createNobleBackend } from "../../src/core/crypto/backend/noble-backend.ts";
import { DevnetDirectory, openDevnetDirectory } from "../../src/node/cli/devnet-directory.ts";
import { writeGenesisFile } from "../../src/node/cli/genesis-file.ts";
import { createBlstBls } from "../../src/node/crypto/blst-bls.ts";

/** What `DIR/devnet.json` says of a running local network. */
export interface DevnetFile {
  readonly http: string;
  readonly validators: readonly { readonly pid: number; readonly rpc: string; readonly addresses: readonly string[] }[];
}

/** A local network of real processes, as `npm start` makes it. */
export interface Devnet {
  readonly url: string;
  readonly directory: string;
  readonly file: DevnetFile;
  /** From the start of the process to its `ready` line. */
  readonly readyMs: number;
  /** Everything the parent printed. */
  output(): string;
  /** As Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null>;
}

const ROOT = join(import.meta.dirname, "..", "..");
const READY_TIMEOUT_MS = 120_000;

/** Starts a network in a fresh folder, or continues the one in `directory`; resolves once it says `ready`. */
export async function startDevnet(
  options: {
    readonly directory?: string;
    readonly fast?: boolean;
    /** Further words of the command. */
    readonly more?: readonly string[];
    /** Told at once of the process, for who may have to end it before it is ready: {@link stopDevnet}. */
    readonly onSpawn?: (child: ChildProcess) => void;
  } = {},
): Promise<Devnet> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "stegos-devnet-")));
  const port = await freePort();
  const args = ["src/node/cli/main.ts", "devnet", "--data", directory, "--http", String(port), ...(options.more ?? [])];
  const startedAt = performance.now();
  const child = spawn(process.execPath, options.fast === true ? [...args, "--fast"] : args, { cwd: ROOT });
  options.onSpawn?.(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await waitReady(child, () => output);
  const readyMs = performance.now() - startedAt;
  const file = JSON.parse(await readFile(join(directory, "devnet.json"), "utf8")) as DevnetFile;
  return {
    url: `http://127.0.0.1:${port}`,
    directory,
    file,
    readyMs,
    output: () => output,
    stop: () => stopDevnet(child),
  };
}

/** A network of its own parameters, in a fresh folder: a test need not wait for minutes that it may choose. */
export async function startDevnetWith(params: Partial<NetworkParams>): Promise<Devnet> {
  const directory = new DevnetDirectory(await mkdtemp(join(tmpdir(), "stegos-devnet-")));
  const { settings } = await openDevnetDirectory(directory, { validatorCount: undefined, isFast: true });
  const genesis = devGenesis(
    { curve: createNobleBackend(), bls: createBlstBls() },
    {
      time: timeMs(Date.now()),
      params: { ...NETWORK_PARAMS.dev, emptyBlockMs: 1_000, ...params },
      chainId: CHAIN_ID_DEV_MIN + 2,
      validatorCount: settings.ports.length,
    },
  );
  await rm(directory.genesis);
  await writeGenesisFile(directory.genesis, genesis);
  return startDevnet({ directory: directory.path, fast: true });
}

function waitReady(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      finish();
      child.kill("SIGTERM");
      reject(new Error(`the network did not start (${why}):\n${output()}`));
    };
    const timer = setTimeout(() => fail("time-out"), READY_TIMEOUT_MS);
    const poll = setInterval(() => {
      if (!/^ready http/m.test(output())) return;
      finish();
      resolve();
    }, 50);
    const onExit = (): void => fail("it ended");
    const finish = (): void => {
      clearTimeout(timer);
      clearInterval(poll);
      child.off("exit", onExit);
    };
    child.on("exit", onExit);
  });
}

/** As Ctrl-C does: it ends its validators; resolves with the exit code. */
export function stopDevnet(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.on("exit", (code) => resolve(code));
    child.kill("SIGINT");
  });
}

/** A port of the loopback interface that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Removes the folder of a stopped network. */
export async function removeDevnet(devnet: Devnet): Promise<void> {
  await rm(devnet.directory, { recursive: true, force: true });
}

/** One JSON-RPC call; throws with the reason of a refusal. */
export async function callRpc<T>(base: string, method: string, params: object = {}): Promise<T> {
  const response = await fetch(`${base}/rpc`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer = (await response.json()) as { result?: T; error?: { data?: { reason?: string } } };
  if (answer.error !== undefined) throw new Error(answer.error.data?.reason ?? "refused");
  return answer.result as T;
}
