import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createNobleBackend } from "../../src/core/crypto/backend/noble-backend.ts";
import { formatAddress } from "../../src/core/values/address.ts";
import { deriveAccount, deriveAddress } from "../../src/core/wallet/keys.ts";
import { DevnetDirectory } from "../../src/node/cli/devnet-directory.ts";
import { callRpc, type Devnet } from "./devnet.ts";

/** The program that runs a validator, and its arguments, as a test wants them. */
export type CommandWrap = (node: string, args: readonly string[]) => readonly string[];

const SUPERVISOR_PAUSE_MS = 1_000;

/** The validators of a devnet as processes that a test kills and starts again: the devnet's parent never does. */
export class ValidatorProcesses {
  readonly #devnet: Devnet;
  readonly #commands: readonly (readonly string[])[];
  readonly #pids: number[];
  readonly #restarted: ChildProcess[] = [];

  constructor(devnet: Devnet) {
    this.#devnet = devnet;
    this.#pids = devnet.file.validators.map(({ pid }) => pid);
    this.#commands = this.#pids.map(commandOf);
  }

  pidOf(index: number): number {
    return this.#pids[index]!;
  }

  /** As a power cut does; resolves once the process is gone, and its files are nobody's. */
  async kill(index: number): Promise<void> {
    const pid = this.#pids[index]!;
    process.kill(pid, "SIGKILL");
    while (isThere(pid)) await sleep(10);
  }

  /**
   * Starts it as the devnet had, or in a way of the test's own; what it says goes to the end of its log.
   *
   * @param wrap Changes the command: what comes before it, or before its arguments.
   */
  async restart(index: number, wrap: CommandWrap = (node, args) => [node, ...args]): Promise<ChildProcess> {
    const [node, ...args] = this.#commands[index]!;
    const [program, ...rest] = wrap(node!, args);
    const log = await open(new DevnetDirectory(this.#devnet.directory).log(index), "a");
    try {
      const child = spawn(program!, rest, { stdio: ["ignore", log.fd, log.fd] });
      this.#restarted.push(child);
      this.#pids[index] = child.pid!;
      return child;
    } finally {
      await log.close();
    }
  }

  /**
   * Kills it, and from then on starts it again whenever it ends, a moment later, as a service manager does.
   *
   * @returns How to leave it alone: what runs then runs on.
   */
  async supervise(index: number, wrap?: CommandWrap): Promise<() => void> {
    let isOver = false;
    const run = async (): Promise<void> => {
      const child = await this.restart(index, wrap);
      child.once("exit", () => void sleep(SUPERVISOR_PAUSE_MS).then(() => (isOver ? undefined : run())));
    };
    await this.kill(index);
    await run();
    return () => (isOver = true);
  }

  /** Height of one that answers, −1 of one that does not. */
  async heightOf(index: number): Promise<number> {
    return await callRpc<{ height: number }>(this.#devnet.file.validators[index]!.rpc, "status").then(
      ({ height }) => height,
      () => -1,
    );
  }

  /** Ends those that were started again; the others end with the devnet. */
  end(): void {
    for (const child of this.#restarted) child.kill("SIGKILL");
  }
}

function commandOf(pid: number): readonly string[] {
  return execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], { encoding: "utf8" })
    .trim()
    .split(" ");
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Faucet payments to ever new addresses, as a load of real transactions; gives how to stop it and hear how many came. */
export function startFaucetLoad(devnet: Devnet): () => Promise<number> {
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
