import type { Element, KernelField } from "./field-code.ts";
import type { Local, WasmCode } from "./wasm-code.ts";

/** Limbs of one number in memory: where the first is, seen from an address, and how many bytes it is to the next. */
export interface FlatPlace {
  readonly offset: number;
  readonly step: number;
}

/** Bytes of a number whose limbs lie next to each other. */
export function flatSizeOf({ elementSize, laneCount }: KernelField): number {
  return elementSize / laneCount;
}

/** Coordinate 0 to 3 of a point or a summand (`point-code.ts`), which are two pairs. */
export function placeInPairs(field: KernelField, coordinate: number): FlatPlace {
  const [pair, second] = [coordinate >> 1, coordinate & 1];
  return { offset: pair * field.elementSize + 8 * second, step: 16 };
}

/** A number for each lane, from an address of its own. */
export function gather(code: WasmCode, field: KernelField, addresses: readonly Local[], place: FlatPlace): Element {
  const [first, second] = addresses as [Local, Local];
  return Array.from({ length: flatSizeOf(field) / 8 }, (_, limb) => {
    const offset = place.offset + limb * place.step;
    const local = code.local("v128");
    code.get(second).get(first).access("v128.load64_zero", offset).loadLane(1, offset).set(local);
    return local;
  });
}

/** The same back. */
export function scatter(code: WasmCode, addresses: readonly Local[], place: FlatPlace, value: Element): void {
  value.forEach((limb, index) => {
    const offset = place.offset + index * place.step;
    addresses.forEach((address, lane) => {
      code.get(address).get(limb).storeLane(lane, offset);
    });
  });
}
