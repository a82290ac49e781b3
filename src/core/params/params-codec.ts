import { DecodeError } from "../bytes/decode-error.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { listParams, PARAM_COUNT, paramsOf, type NetworkParams } from "./network-params.ts";

/** Rows that hold two u32 (0.4); every other row is one number and so below 2^53 (EN-1). */
const PAIR_ROWS = [4, 5, 20];
const NUMBER_LIMIT = 1n << 53n;

/** The 28 rows of 0.4 as u64. */
export function writeParams(writer: Writer, params: NetworkParams): Writer {
  return writer.list(listParams(params), (out, row) => out.u64(row));
}

/** The inverse. A number that a double cannot hold would be read as another one, so it is refused (EN-3). */
export function readParams(reader: Reader): NetworkParams {
  const rows = reader.list(PARAM_COUNT, PARAM_COUNT, (from) => from.u64());
  const isTooLarge = (row: bigint, index: number): boolean => row >= NUMBER_LIMIT && !PAIR_ROWS.includes(index + 1);
  if (rows.some(isTooLarge)) throw new DecodeError("parameter of 2^53 or more");
  return paramsOf(rows);
}
