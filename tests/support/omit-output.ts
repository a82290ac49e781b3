import type { RangeAnswer } from "../../src/core/state/range-answer.ts";

/** An entry of a range: one-time key part and tag. */
const ENTRY_SIZE = 34;

/** The lie of a node that leaves the newest output out of a range. */
export function omitNewestOutput(answer: RangeAnswer): RangeAnswer {
  const place = answer.tiles.findLastIndex((tile) => tile !== undefined);
  const tile = answer.tiles[place]!;
  const byte = tile.bitmap.findLastIndex((bits) => bits !== 0);
  const bits = tile.bitmap[byte]!;
  const bitmap = tile.bitmap.with(byte, bits & ~(1 << (31 - Math.clz32(bits))));
  return {
    ...answer,
    tiles: answer.tiles.with(place, { ...tile, bitmap, entries: tile.entries.slice(0, -ENTRY_SIZE) }),
  };
}
