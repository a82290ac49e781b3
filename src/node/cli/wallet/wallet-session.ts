import type { OpenCode } from "../../../api/client-api.ts";
import type { HistoryRow, RestoreView, SyncView } from "../../../api/views.ts";
import type { ClientStore } from "../../../engine/services/client-store.ts";
import { LightClient } from "../../../engine/services/light-client.ts";
import { parseNetworkFile } from "../../../engine/services/network-file.ts";
import { Refusal } from "../../refusal.ts";
import { refusalOfStore } from "../../storage/store-refusal.ts";
import type { Arguments } from "../arguments.ts";
import type { CommandOutput } from "../command.ts";
import { printable } from "../printable.ts";
import type { ClientEdges, WalletPlatform } from "./wallet-platform.ts";
import { networkFileUrl, timeoutMs } from "./wallet-options.ts";

/** What a wallet command runs with. */
export interface WalletContext {
  readonly args: Arguments;
  readonly output: CommandOutput;
  readonly platform: WalletPlatform;
}

/** Nodes may claim any height: a client that is live for so long is at the tip, whatever they say. */
const LIVE_MS = 3_000;
/** Problems that no waiting solves. */
const HOPELESS: ReadonlySet<string> = new Set(["wrong_network", "clock_wrong", "fork"]);
const POLL_MS = 200;
/** A payment that no node has taken yet gets so long before the command ends; the next one goes on with it. */
const QUEUED_MS = 10_000;

/** A light client over a store that the caller opened, for the time of one command. */
export class WalletSession {
  readonly client: LightClient;
  readonly #context: WalletContext;
  readonly #edges: ClientEdges;
  readonly #deadlineMs: number;
  readonly #listeners = new Set<() => void>();
  #failure: Refusal | undefined;
  #isInterrupted = false;

  private constructor(context: WalletContext, edges: ClientEdges, store: ClientStore) {
    this.#context = context;
    this.#edges = edges;
    this.#deadlineMs = edges.edges.timers.now() + timeoutMs(context.args);
    this.client = new LightClient({
      ...edges.edges,
      store,
      emit: () => this.#wake(),
      failed: (error) => {
        this.#failure = refusalOfStore(error);
        this.#wake();
      },
      // The name of an operator is in it, as the network file has it.
      log: (line) => context.output.note(printable(line)),
      openCode: (error) => refusalOfStore(error).code as OpenCode,
    });
  }

  /** Reads the network file, which must be there, and starts. What it refuses has changed nothing. */
  static async open(context: WalletContext, store: ClientStore): Promise<WalletSession> {
    const edges = context.platform.openEdges(networkFileUrl(context.args));
    const session = new WalletSession(context, edges, store);
    try {
      const text = await edges.edges.fetchNetworkFile();
      const parsed = text === undefined ? undefined : parseNetworkFile(text);
      if (parsed === undefined) throw new Refusal("no_network_file", "the network file cannot be read");
      if (!parsed.ok) throw new Refusal("bad_network_file", `the network file is not in order: ${parsed.reason}`);
      const started = await session.client.start();
      if (!started.ok) throw new Refusal(started.code, "the wallet cannot be opened");
      void context.platform.interrupted().then(() => {
        session.#isInterrupted = true;
        session.#wake();
      });
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Finishes the write in progress and ends everything but the store. */
  async close(): Promise<void> {
    this.#context.platform.terminal.progress("");
    await this.client.stop();
    await this.#edges.close();
  }

  /** Whether Ctrl-C was pressed. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** Resolves at the newest final block, all restored; refuses with the network's problem, or `timeout`. */
  async synced(): Promise<SyncView> {
    let liveSinceMs: number | undefined;
    const now = (): number => this.#edges.edges.timers.now();
    return await this.until(
      async () => {
        const [sync, restore] = [await this.client.views.sync(), await this.client.views.restore()];
        this.#context.platform.terminal.progress(progressLine(sync, restore));
        if (sync.problem !== undefined && HOPELESS.has(sync.problem)) throw refusalOfProblem(sync.problem);
        if (sync.state !== "live" || restore !== undefined) {
          liveSinceMs = undefined;
          return undefined;
        }
        liveSinceMs ??= now();
        const isAtTip = (sync.height ?? -1) >= (sync.targetHeight ?? 0);
        return isAtTip || now() - liveSinceMs >= LIVE_MS ? sync : undefined;
      },
      async () => lateRefusal(await this.client.views.sync(), "the newest block was not reached in time"),
    );
  }

  /** The first answer that is not undefined; `late` says what to refuse with when time is up. */
  async until<T>(read: () => Promise<T | undefined>, late: () => Promise<Refusal>): Promise<T> {
    for (;;) {
      const found = await read();
      if (found !== undefined) return found;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isInterrupted) throw new Refusal("interrupted", "interrupted");
      if (this.#edges.edges.timers.now() >= this.#deadlineMs) throw await late();
      await this.changed();
    }
  }

  /** What the work resolves with, unless it takes longer than there is time; work that is done already always counts. */
  async inTime<T>(work: Promise<T>): Promise<T> {
    let end: (() => T) | undefined;
    void work
      .then(
        (value) => (end = () => value),
        (error: unknown) => {
          end = () => {
            throw error;
          };
        },
      )
      .finally(() => this.#wake());
    await this.changed();
    const ended = await this.until(
      () => Promise.resolve(end),
      async () => lateRefusal(await this.client.views.sync(), "the network did not answer in time"),
    );
    return ended();
  }

  /** Resolves when something may have changed. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        callOff();
        this.#listeners.delete(done);
        resolve();
      };
      const callOff = this.#edges.edges.timers.after(POLL_MS, done);
      this.#listeners.add(done);
    });
  }

  /** The failure that has ended the client, if any. */
  get failure(): Refusal | undefined {
    return this.#failure;
  }

  async row(id: string): Promise<HistoryRow | undefined> {
    return (await this.client.views.history()).find((row) => row.id === id);
  }

  /** Gives payments that no node has taken yet, such as those of a killed command, a moment to go out. */
  async sendQueued(): Promise<void> {
    const endMs = Math.min(this.#deadlineMs, this.#edges.edges.timers.now() + QUEUED_MS);
    const isQueued = async (): Promise<boolean> => {
      // Only what we make is ever queued: payments, and coins that come back from a stake.
      return (await this.client.views.history()).some(({ state }) => state === "queued");
    };
    while (!this.#isInterrupted && this.#failure === undefined && (await isQueued())) {
      if (this.#edges.edges.timers.now() >= endMs) return;
      await this.changed();
    }
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function progressLine(sync: SyncView, restore: RestoreView | undefined): string {
  if (restore !== undefined) {
    const total = restore.rangesTotal === undefined ? "" : ` of ${restore.rangesTotal}`;
    return `looking for coins: ${restore.rangesDone}${total} ranges, ${restore.coinsFound} found`;
  }
  if (sync.height === undefined) return sync.state;
  return `${sync.state}, block ${sync.height} of ${sync.targetHeight ?? "?"}`;
}

const PROBLEM: Readonly<Record<string, string>> = {
  no_network_file: "the network file cannot be read any more",
  no_node_reachable: "no node of the network can be reached",
  wrong_network: "this wallet belongs to another network",
  bad_certificate: "no node gave blocks that are in order",
  checkpoint_too_old: "the trusted block of the network file is too old",
  clock_wrong: "the clock of this device is wrong",
  fork: "the network has two final blocks of one height; nothing goes on by itself",
};

function refusalOfProblem(problem: string): Refusal {
  return new Refusal(problem, PROBLEM[problem] ?? "the network is not in order");
}

/** When time is up: the network's problem, if it has one. */
function lateRefusal({ problem }: SyncView, what: string): Refusal {
  if (problem !== undefined) return refusalOfProblem(problem);
  return new Refusal("timeout", `${what}; --timeout gives more`);
}
