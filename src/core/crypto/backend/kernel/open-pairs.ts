import type { KernelField } from "./field-code.ts";
import { LanePairs } from "./lane-pairs.ts";
import type { PairCode } from "./pair-code.ts";
import { TwinPairs } from "./twin-pairs.ts";
import type { WasmCode } from "./wasm-code.ts";

/** Bytes of a pair in memory. */
export function pairSizeOf({ laneCount, elementSize }: KernelField): number {
  return (2 / laneCount) * elementSize;
}

export function openPairs(field: KernelField, code: WasmCode): PairCode {
  return field.laneCount === 2 ? new LanePairs(field, code) : new TwinPairs(field, code);
}
