/** Order of unsigned bytes, shorter first when one is a prefix of the other: negative, zero or positive. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const size = Math.min(left.length, right.length);
  for (let index = 0; index < size; index++) {
    const difference = left[index]! - right[index]!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Equality of public bytes. Not for secrets: it stops at the first difference. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && compareBytes(left, right) === 0;
}

/** True when every byte is zero. It looks at all of them, since they may be a secret (PR-9). */
export function isZeroBytes(bytes: Uint8Array): boolean {
  let any = 0;
  for (const byte of bytes) any |= byte;
  return any === 0;
}

/** True when the items ascend strictly, which also means that no two are equal (EN-3). */
export function isAscending(items: readonly Uint8Array[]): boolean {
  for (let index = 1; index < items.length; index++) {
    if (compareBytes(items[index - 1]!, items[index]!) >= 0) return false;
  }
  return true;
}
