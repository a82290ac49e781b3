import type { PointSeries, PointTable, SignRun, SignTable } from "./curve-backend.ts";
import { SIGN_GROUP } from "./kernel/edwards-layout.ts";

/** Throws RangeError unless there is a scalar for each place, and all points of the series are in the table. */
export function requireSeries(
  table: PointTable,
  scalars: readonly unknown[],
  { places, step, count }: PointSeries,
): void {
  if (places.length !== scalars.length) throw new RangeError(`${scalars.length} scalars for ${places.length} places`);
  const last = Math.max(0, count - 1) * step;
  for (const place of places) {
    for (const end of [place, place + last]) {
      if (!(Number.isInteger(end) && end >= 0 && end < table.size)) throw new RangeError(`no point ${end}`);
    }
  }
}

/** Throws RangeError unless points come four by four. */
export function requireGroups(count: number): void {
  if (!Number.isInteger(count / SIGN_GROUP)) throw new RangeError(`${count} points, not four by four`);
}

/** Throws RangeError for a run that is not whole groups of signs and points that there are. */
export function requireRuns(table: SignTable, signs: Uint8Array, sums: readonly (readonly SignRun[])[]): void {
  requireGroups(signs.length);
  for (const runs of sums) {
    for (const { sign, point, count } of runs) {
      if (!(isGroups(sign) && isGroups(point) && isGroups(count)) || count === 0)
        throw new RangeError("no run of whole groups");
      if (sign + count > signs.length || point + count > table.size) throw new RangeError("a run out of bounds");
    }
  }
}

function isGroups(count: number): boolean {
  return Number.isInteger(count / SIGN_GROUP) && count >= 0;
}
