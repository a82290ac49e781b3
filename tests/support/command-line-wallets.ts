import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { removeDevnet, startDevnet, type Devnet } from "./devnet.ts";
import { type Ran, runStegos } from "./stegos-command.ts";

/** What the faucet pays, in µSTG. */
export const FAUCET_PAYS = 1_000_000_000n;
const ATTEMPTS_MAX = 20;

/** A real network, a folder with wallets by name, and the command line over both. */
export class CommandLineWallets {
  readonly devnet: Devnet;
  readonly folder: string;

  private constructor(devnet: Devnet, folder: string) {
    this.devnet = devnet;
    this.folder = folder;
  }

  static async start(): Promise<CommandLineWallets> {
    const folder = await mkdtemp(join(tmpdir(), "stegos-cli-"));
    return new CommandLineWallets(await startDevnet({ fast: true }), folder);
  }

  async end(): Promise<void> {
    await this.devnet.stop();
    await removeDevnet(this.devnet);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** `stegos wallet …`, of the named wallet, or of none where `name` is undefined. */
  run(name: string | undefined, words: readonly string[], input = "", killAfterMs?: number): Promise<Ran> {
    return runStegos(["wallet", ...words, ...this.#place(name)], input, killAfterMs);
  }

  /** What it prints for machines; it must succeed. */
  async json<T>(name: string | undefined, words: readonly string[], input = ""): Promise<T> {
    return jsonOf<T>(["wallet", ...words, ...this.#place(name)], input);
  }

  /** The same where it prints a line for each of something. */
  async lines<T>(name: string, words: readonly string[]): Promise<readonly T[]> {
    const ran = await this.run(name, [...words, "--json"]);
    expect(ran, ran.notes).toMatchObject({ code: 0 });
    return ran.out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as T);
  }

  /** Why it was refused, from its notes; it must be, and print nothing else. */
  async refusal(name: string | undefined, words: readonly string[], input = ""): Promise<string> {
    const ran = await this.run(name, words, input);
    expect(ran).toMatchObject({ code: 1, out: "" });
    return ran.notes;
  }

  /** Has the faucet pay an address, and waits until the named wallet holds it. */
  async payByFaucet(name: string, address: string): Promise<void> {
    const paid = await fetch(`${this.devnet.url}/faucet`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ address }),
    });
    expect(paid.status).toBe(200);
    await this.balance(name, FAUCET_PAYS);
  }

  /** Resolves once `balance` says this. */
  async balance(name: string, total: bigint): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const found = await this.json<{ total: string }>(name, ["balance"]);
      if (found.total === total.toString()) return;
      if (attempt > ATTEMPTS_MAX) throw new Error(`${name} has ${found.total}, not ${total}`);
    }
  }

  #place(name: string | undefined): readonly string[] {
    const data = name === undefined ? [] : ["--data", join(this.folder, name)];
    return [...data, "--network", this.devnet.url, "--timeout", "120"];
  }
}

/** What a command of `stegos` prints for machines; it must succeed. */
export async function jsonOf<T>(args: readonly string[], input = ""): Promise<T> {
  const ran = await runStegos([...args, "--json"], input);
  expect(ran, `${args.join(" ")}: ${ran.notes}`).toMatchObject({ code: 0 });
  return JSON.parse(ran.out) as T;
}
