import { decodeHeader } from "../core/chain/header.ts";
import { decodeValidatorSet } from "../core/chain/validator-set.ts";
import type { FullNodeStore } from "../core/ports/full-node-store.ts";
import type { LedgerTip } from "../core/state/ledger-tip.ts";
import type { BoundarySeats, SeatHistory } from "../core/state/seat-history.ts";
import { height } from "../core/values/height.ts";
import { Refusal } from "./refusal.ts";

/** Boundaries asked for at a time. */
const BOUNDARIES_AT_ONCE = 256;

/** What evidence is judged by (ST-4), from the boundaries that the database keeps for ever (5.5). */
export async function openSeatHistory(store: FullNodeStore, tip: LedgerTip): Promise<SeatHistory> {
  const heights: number[] = [];
  for (let from = 0; ;) {
    const some = await store.boundaries(height(from), BOUNDARIES_AT_ONCE);
    heights.push(...some);
    if (some.length < BOUNDARIES_AT_ONCE) break;
    from = some.at(-1)! + 1;
  }
  const history: BoundarySeats[] = [];
  for (const at of heights.reverse()) {
    const bytes = await store.header(height(at));
    const header = bytes && decodeHeader(bytes);
    const set = header && (await store.validatorSet(header.nextValHash));
    if (header === undefined || set === undefined)
      throw new Refusal("database_damaged", "the database lacks a boundary or its validators");
    const isOld = tip.header.time - header.time > tip.chain.params.evidenceMs;
    if (isOld && history.length > 0) break;
    history.push({ height: header.height, time: header.time, validators: decodeValidatorSet(set) });
  }
  return history.reverse();
}
