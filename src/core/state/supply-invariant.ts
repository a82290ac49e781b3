import { equalBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import type { Header } from "../chain/header.ts";
import { decodeOutputCore } from "../chain/output.ts";
import type { CurveBackend, Point } from "../crypto/backend/curve-backend.ts";
import { commitmentGenerators } from "../crypto/commitment.ts";
import { scalarOf, subtractScalars, ZERO_SCALAR } from "../crypto/scalar.ts";
import type { LeafRecord } from "../ports/ledger-reader.ts";
import { decodeStakeState } from "./leaf-state.ts";

const ONE = scalarOf(1n);
/** Commitments summed at a time, so that a whole snapshot never stands in memory as points. */
const CHUNK_COUNT = 256;

/** supply_out of SU-1. */
export function supplyOut(header: Pick<Header, "minted" | "burned" | "accrued" | "pot">): bigint {
  return header.minted - header.burned - header.accrued - header.pot;
}

/**
 * SU-3: `Σ_{live} C == supply_out·H − gamma_acc·G`. With all live range proofs valid, no coin came out of nothing;
 * checkable from a snapshot alone. The records must be exactly the live leaves of the header's state.
 */
export function holdsSupplyInvariant(
  curve: CurveBackend,
  live: Iterable<Pick<LeafRecord, "core" | "stateFields">>,
  header: Header,
): boolean {
  let clear = 0n;
  let hidden: Point = curve.msm([], []);
  let chunk: Uint8Array[] = [];
  const add = (): boolean => {
    const points = curve.ristrettoDecode(concatBytes(...chunk));
    if (points === undefined) return false;
    const all = [hidden, ...points];
    hidden = curve.msm(
      all,
      all.map(() => ONE),
    );
    chunk = [];
    return true;
  };
  for (const record of live) {
    const core = decodeOutputCore(record.core);
    if (core.type === "public") clear += core.amount;
    else if (core.type === "stake") clear += decodeStakeState(record.stateFields).amount;
    else chunk.push(core.commitment);
    if (chunk.length === CHUNK_COUNT && !add()) return false;
  }
  if (!add()) return false;
  const expected = curve.fixedMsm(commitmentGenerators(curve).table, [
    subtractScalars(ZERO_SCALAR, header.gammaAcc),
    scalarOf(supplyOut(header) - clear),
  ]);
  return equalBytes(curve.ristrettoEncode([hidden]), curve.ristrettoEncode([expected]));
}
