/**
 * Reproducible numbers from a text: FNV-1a for the start, then mulberry32. A picture helps the eye to tell keys apart;
 * it proves nothing, so nothing secret and no hash is needed. What is called gives the next one, from `low` to `high`.
 */
export function numbersOf(text: string): (low: number, high: number) => number {
  let state = 0x811c9dc5;
  for (const letter of text) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return (low, high) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return low + (((mixed ^ (mixed >>> 14)) >>> 0) % (high - low + 1));
  };
}
