import type { HistoryRow } from "../../api/views.ts";
import { isArrival } from "./arrivals.ts";

/** How ids of payments begin that nodes have announced and no block holds yet. */
const ANNOUNCED = "pool:";
/** And those of coins that came, whose transaction only their sender knows. */
const ARRIVED = "leaf:";

/** True for coins that are announced to us: they may still not come, and nothing can be paid with them. */
export function isAnnounced(row: HistoryRow): boolean {
  return row.id.startsWith(ANNOUNCED);
}

/** True where the id is a transaction's, by which others find it too. */
export function hasTransactionId(row: HistoryRow): boolean {
  return !isAnnounced(row) && !row.id.startsWith(ARRIVED);
}

/**
 * Which payment of a new history an announced one has become: the final one has another id, and on the screen both are
 * the same. Equal payments are taken in their order.
 */
export function findSuccessors(
  before: readonly HistoryRow[] | undefined,
  after: readonly HistoryRow[],
): ReadonlyMap<string, string> {
  const successors = new Map<string, string>();
  const announced = before?.filter(isAnnounced) ?? [];
  if (announced.length === 0) return successors;
  const known = new Set(before?.map((row) => row.id));
  const stays = new Set(after.map((row) => row.id));
  const fresh = after.filter((row) => isArrival(row) && !known.has(row.id) && !isAnnounced(row));
  for (const row of announced) {
    if (stays.has(row.id)) continue;
    const place = fresh.findIndex(({ amount, memo }) => amount === row.amount && memo === row.memo);
    const [found] = place < 0 ? [] : fresh.splice(place, 1);
    if (found !== undefined) successors.set(row.id, found.id);
  }
  return successors;
}
