/** One array out of many parts. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** One array of many short parts of one size: byte by byte, which is quicker than a copy of each. */
export function joinItems(items: readonly Uint8Array[]): Uint8Array {
  const size = items[0]?.length ?? 0;
  const joined = new Uint8Array(size * items.length);
  let at = 0;
  for (const item of items) {
    if (item.length !== size) throw new RangeError(`sizes differ: ${size} and ${item.length}`);
    for (let index = 0; index < size; index++) joined[at++] = item[index]!;
  }
  return joined;
}

/** Bytewise exclusive or of two arrays of one size. */
export function xorBytes(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== right.length) throw new RangeError(`sizes differ: ${left.length} and ${right.length}`);
  return left.map((byte, index) => byte ^ right[index]!);
}
