import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import { LightClient } from "../../../src/engine/services/light-client.ts";
import { phoneEdges } from "./phone-edges.ts";

/** What came of a tap. */
export interface TapResult {
  /** A state of a claim in which it stays, or the code for which nothing was claimed. */
  readonly end: string;
  /** µSTG; undefined unless it was won. */
  readonly amount: bigint | undefined;
  /** Unix milliseconds of the tap; of the claim being stored, which is when it leaves; and of the answer. */
  readonly tappedMs: number;
  readonly storedMs: number;
  readonly answeredMs: number;
}

const TAPS_MAX = 5;
const ON_ITS_WAY: readonly string[] = ["sending", "drawing"];

/** A light client with a wallet of its own, and a person who taps once. */
export class Phone {
  readonly client: LightClient;
  readonly #listeners = new Set<() => void>();
  #failure: unknown;

  constructor(curve: CurveBackend, bls: BlsBackend, fetchNetworkFile: () => Promise<string>) {
    this.client = new LightClient({
      ...phoneEdges(curve, bls, fetchNetworkFile),
      emit: () => this.#wake(),
      failed: (error) => {
        this.#failure = error;
        this.#wake();
      },
      openCode: () => "storage_failed" as never,
    });
  }

  /** Resolves at the newest block, with a wallet that was made on the spot. */
  async begin(): Promise<void> {
    const { client } = this;
    const started = await client.start();
    if (!started.ok) throw new Error(`a phone did not start: ${started.code}`);
    const made = await client.accounts.create();
    if (!made.ok) throw new Error(`a phone made no wallet: ${made.code}`);
    await this.until(async () => ((await client.views.sync()).state === "live" ? true : undefined));
  }

  /** Opens a packet, and waits for a final answer. */
  async tap(link: string): Promise<TapResult> {
    const { packets } = this.client;
    const tappedMs = Date.now();
    let opened = await packets.open(link, "");
    // What anybody does who is told that no node could be asked.
    for (let tap = 1; !opened.ok && opened.code === "offline" && tap < TAPS_MAX; tap++)
      opened = await packets.open(link, "");
    const storedMs = Date.now();
    if (!opened.ok) return { end: opened.code, amount: undefined, tappedMs, storedMs, answeredMs: storedMs };
    const claim = await this.until(async () => {
      const [view] = await packets.claims();
      return view === undefined || ON_ITS_WAY.includes(view.state) ? undefined : view;
    });
    return { end: claim.state, amount: claim.amount, tappedMs, storedMs, answeredMs: Date.now() };
  }

  async until<Found>(look: () => Promise<Found | undefined>): Promise<Found> {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (this.#failure !== undefined) throw new Error("a phone has failed", { cause: this.#failure });
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#listeners.delete(done);
          resolve();
        };
        this.#listeners.add(done);
      });
    }
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
