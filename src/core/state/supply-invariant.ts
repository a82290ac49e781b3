import { equalBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import type { Header } from "../chain/header.ts";
import { decodeOutputCore } from "../chain/output.ts";
import { unpaidSlots } from "../chain/packet-coins.ts";
import type { CurveBackend, Point } from "../crypto/backend/curve-backend.ts";
import { commitmentGenerators } from "../crypto/commitment.ts";
import { scalarOf, subtractScalars, ZERO_SCALAR } from "../crypto/scalar.ts";
import type { LeafRecord } from "../ports/ledger-reader.ts";
import { decodePacketState, decodeStakeState } from "./leaf-state.ts";

const ONE = scalarOf(1n);
/**
 * Points, and outputs without one, summed at a time: a few milliseconds. A packet has up to 64 points, so no more than
 * twice as many are ever in memory.
 */
export const SUPPLY_SLICE_COUNT = 64;

/** supply_out of SU-1. */
export function supplyOut(header: Pick<Header, "minted" | "burned" | "accrued" | "pot">): bigint {
  return header.minted - header.burned - header.accrued - header.pot;
}

/** What a check of the supply looks at of a live output. */
export type SupplyRecord = Pick<LeafRecord, "core" | "stateFields">;

/**
 * SU-3: `Σ_{live} C == supply_out·H − gamma_acc·G`. With all live range proofs valid, no coin came out of nothing;
 * checkable from a snapshot alone. The records must be exactly the live leaves of the header's state.
 */
export function holdsSupplyInvariant(curve: CurveBackend, live: Iterable<SupplyRecord>, header: Header): boolean {
  const sum = new SupplySum(curve);
  for (const record of live) sum.add(record);
  return sum.fits(header);
}

/** The sum of SU-3 in the making, for whoever has other work to do between two outputs. */
export class SupplySum {
  readonly #curve: CurveBackend;
  #clear = 0n;
  #hidden: Point;
  #slice: Uint8Array[] = [];
  /** Outputs since the last sum. */
  #count = 0;
  #isBroken = false;

  constructor(curve: CurveBackend) {
    this.#curve = curve;
    this.#hidden = curve.msm([], []);
  }

  /** Adds one live output; true if a slice has just been summed, which is where to let others in. */
  add(record: SupplyRecord): boolean {
    const core = decodeOutputCore(record.core);
    if (core.type === "public") this.#clear += core.amount;
    else if (core.type === "stake") this.#clear += decodeStakeState(record.stateFields).amount;
    else if (core.type === "packet") {
      const { paidBitmap } = decodePacketState(record.stateFields);
      const slots = unpaidSlots(core, paidBitmap);
      if (slots === undefined) this.#isBroken = true;
      this.#clear += core.claimFee * BigInt(slots?.length ?? 0);
      this.#slice.push(...(slots ?? []).map((slot) => core.shares[slot]!.commitment));
    } else this.#slice.push(core.commitment);
    this.#count++;
    if (Math.max(this.#count, this.#slice.length) < SUPPLY_SLICE_COUNT) return false;
    this.#sum();
    return true;
  }

  /** Is it what this header says? */
  fits(header: Header): boolean {
    this.#sum();
    if (this.#isBroken) return false;
    const expected = this.#curve.fixedMsm(commitmentGenerators(this.#curve).table, [
      subtractScalars(ZERO_SCALAR, header.gammaAcc),
      scalarOf(supplyOut(header) - this.#clear),
    ]);
    return equalBytes(this.#curve.ristrettoEncode([this.#hidden]), this.#curve.ristrettoEncode([expected]));
  }

  #sum(): void {
    const points = this.#curve.ristrettoDecode(concatBytes(...this.#slice));
    this.#slice = [];
    this.#count = 0;
    if (points === undefined) {
      this.#isBroken = true;
      return;
    }
    const all = [this.#hidden, ...points];
    this.#hidden = this.#curve.msm(
      all,
      all.map(() => ONE),
    );
  }
}
