import { setImmediate as letOthersIn } from "node:timers/promises";
import type { Header } from "../core/chain/header.ts";
import type { CurveBackend } from "../core/crypto/backend/curve-backend.ts";
import type { LeafRecord } from "../core/ports/ledger-reader.ts";
import type { FullNodeStore } from "../core/ports/full-node-store.ts";
import { SupplySum, supplyOut } from "../core/state/supply-invariant.ts";
import { amount } from "../core/values/amount.ts";
import { readAtTip } from "./network/read-at-tip.ts";
import type { SupplyView } from "./rpc/node-view.ts";

type LiveLeaves = AsyncIterator<readonly [unknown, LeafRecord]>;

/**
 * SU-3 over every live output as the database has it at the tip. It is summed in slices between which the node goes on,
 * for a vote must not wait for it; one sum at a time, and one for each block, however many ask.
 */
export class SupplyCheck {
  readonly #store: FullNodeStore;
  readonly #curve: CurveBackend;
  readonly #tip: () => Header;
  #newest: { readonly height: number; readonly view: Promise<SupplyView> } | undefined;
  #isRunning = false;

  constructor(store: FullNodeStore, curve: CurveBackend, tip: () => Header) {
    this.#store = store;
    this.#curve = curve;
    this.#tip = tip;
  }

  /** The check at the tip, or at the block that it was at when the check now running began. */
  view(): Promise<SupplyView> {
    const { height } = this.#tip();
    if (this.#newest !== undefined && (this.#isRunning || this.#newest.height === height)) return this.#newest.view;
    this.#isRunning = true;
    const view = this.#check().finally(() => {
      this.#isRunning = false;
    });
    const started = { height, view };
    this.#newest = started;
    view.catch(() => {
      if (this.#newest === started) this.#newest = undefined;
    });
    return view;
  }

  async #check(): Promise<SupplyView> {
    const opened: LiveLeaves[] = [];
    try {
      // The iterator's snapshot is taken when it is asked for the first leaf.
      const { header, leaves, first } = await readAtTip(this.#store, this.#tip, (at) => {
        const iterator = this.#store.liveLeaves()[Symbol.asyncIterator]();
        opened.push(iterator);
        return { header: at, leaves: iterator, first: iterator.next() };
      });
      return {
        minted: amount(header.minted),
        burned: amount(header.burned),
        inOutputs: amount(supplyOut(header)),
        pot: amount(header.pot),
        isInvariantOk: await this.#fits(header, leaves, first),
      };
    } finally {
      // A snapshot that is not closed is kept for as long as the database is open.
      for (const leaves of opened) await leaves.return?.();
    }
  }

  async #fits(header: Header, leaves: LiveLeaves, first: ReturnType<LiveLeaves["next"]>): Promise<boolean> {
    const sum = new SupplySum(this.#curve);
    for (let item = await first; item.done !== true; item = await leaves.next()) {
      if (sum.add(item.value[1])) await letOthersIn();
    }
    return sum.fits(header);
  }
}
