import { OUTPUT_TYPE, decodeOutputCore } from "./output.ts";

/** What a scan reads of an output: D and vtag. */
export interface ScanFields {
  /** D, 32 bytes. */
  readonly ephemeralKey: Uint8Array;
  /** 2 bytes. */
  readonly viewTag: Uint8Array;
}

/** Where D and vtag begin in the cores of 2.1. */
type Places = readonly [ephemeralKey: number, viewTag: number];
const COIN_PLACES: Places = [65, 121];
const CLEAR_PLACES: Places = [41, 73];
const PACKET_PLACES: Places = [33, 65];
const PLACES: ReadonlyMap<number, Places> = new Map<number, Places>([
  [OUTPUT_TYPE.coin, COIN_PLACES],
  [OUTPUT_TYPE.drawn, COIN_PLACES],
  [OUTPUT_TYPE.public, CLEAR_PLACES],
  [OUTPUT_TYPE.stake, CLEAR_PLACES],
  [OUTPUT_TYPE.packet, PACKET_PLACES],
]);

/** D and vtag of a valid core's bytes, sharing their memory: a range takes them of a thousand cores at once. */
export function scanFieldsOf(core: Uint8Array): ScanFields {
  const places = PLACES.get(core[0]!);
  if (places === undefined) return decodeOutputCore(core);
  const [key, tag] = places;
  return { ephemeralKey: core.subarray(key, key + 32), viewTag: core.subarray(tag, tag + 2) };
}
