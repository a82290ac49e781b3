import { openWalletStore } from "../../src/client/storage/wallet-store.ts";
import type { NetworkPort } from "../../src/core/ports/network-port.ts";
import type { Random } from "../../src/core/ports/random.ts";
import { formatRecoveryWords } from "../../src/core/values/recovery-words.ts";
import type { ClientStore } from "../../src/engine/services/client-store.ts";
import { LightClient } from "../../src/engine/services/light-client.ts";
import type { Timers } from "../../src/engine/services/network-edges.ts";
import { testEdges } from "./client-edges.ts";

let devices = 0;

export interface LedgerClientOptions {
  readonly startMs: number;
  /** undefined: it cannot be had. */
  readonly networkFile: string | undefined;
  readonly openHost: () => Promise<NetworkPort>;
  /** What chance gives for the wallet's seed. */
  readonly seed: Uint8Array;
  /** The wallet is an old one, made from the words of this seed. */
  readonly isRestored?: boolean;
  /** One that was used before; it has its wallet. */
  readonly device?: string;
  /** Instead of a clock that runs by itself. */
  readonly timers?: Timers;
}

/** A light client with a new wallet on a device of its own; needs `fake-indexeddb/auto`. */
export async function openLedgerClient(
  options: LedgerClientOptions,
): Promise<{ readonly client: LightClient; readonly log: readonly string[]; readonly close: () => Promise<void> }> {
  const device = options.device ?? `ledger client ${devices++}`;
  const store: ClientStore = await openWalletStore({ name: device });
  const log: string[] = [];
  const edges = testEdges({
    store,
    startMs: options.startMs,
    label: device,
    fetchNetworkFile: () => Promise.resolve(options.networkFile),
    openHost: options.openHost,
  });
  let seed: Uint8Array | undefined = options.seed;
  const random: Random = {
    bytes(size) {
      if (seed?.length !== size) return edges.random.bytes(size);
      const drawn = seed;
      seed = undefined;
      return drawn;
    },
  };
  const client = new LightClient({
    ...edges,
    random,
    ...(options.timers === undefined ? {} : { timers: options.timers }),
    emit: () => undefined,
    log: (line) => log.push(line),
    failed: (error) => log.push(`failed: ${String(error)}`),
    openCode: () => "storage_denied",
  });
  const started = await client.start();
  if (!started.ok) throw new Error(started.code);
  const words = formatRecoveryWords(options.seed);
  if (!client.walletView().exists) {
    const made = await (options.isRestored === true ? client.accounts.restore({ words }) : client.accounts.create());
    if (!made.ok) throw new Error(made.code);
  }
  const close = async (): Promise<void> => {
    await client.stop();
    await store.close();
  };
  return { client, log, close };
}

/** A clock that a test turns. */
export class TurnedClock implements Timers {
  #nowMs: number;
  #order = 0;
  #timers: { readonly atMs: number; readonly order: number; readonly callback: () => void }[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, order: this.#order++, callback };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((each) => each !== timer));
  }

  /** Lets time pass; after each timer everything comes to rest first. */
  async turn(ms: number, rest: () => Promise<void>): Promise<void> {
    const endMs = this.#nowMs + ms;
    await rest();
    for (;;) {
      const due = this.#timers.filter(({ atMs }) => atMs <= endMs);
      const [next] = due.sort((left, right) => left.atMs - right.atMs || left.order - right.order);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      await rest();
    }
    this.#nowMs = endMs;
  }
}
