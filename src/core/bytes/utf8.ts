import { DecodeError } from "./decode-error.ts";

/** UTF-8 of a well-formed string. Lone surrogates become U+FFFD, as in the Encoding standard. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    let point = character.codePointAt(0)!;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else {
      bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f));
      bytes.push(0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    }
  }
  return Uint8Array.from(bytes);
}

/** Smallest code point that needs a sequence of this many bytes: a shorter form is refused (one encoding per value). */
const POINT_MIN = [0, 0, 0x80, 0x800, 0x10000];

/** Text of strict UTF-8 (RFC 3629): overlong forms, surrogates and truncated sequences throw {@link DecodeError}. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length;) {
    const first = bytes[index]!;
    const size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (size === 0 || index + size > bytes.length) throw new DecodeError("not UTF-8");
    let point = size === 1 ? first : first & (0x7f >> size);
    for (let next = 1; next < size; next++) {
      const byte = bytes[index + next]!;
      if ((byte & 0xc0) !== 0x80) throw new DecodeError("not UTF-8");
      point = (point << 6) | (byte & 0x3f);
    }
    const isSurrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < POINT_MIN[size]! || isSurrogate || point > 0x10ffff) throw new DecodeError("not UTF-8");
    text += String.fromCodePoint(point);
    index += size;
  }
  return text;
}
