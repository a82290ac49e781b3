import type { ByteScan } from "./byte-scan.ts";
import { readElement, type Element } from "./ebml.ts";

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TRACKS = 0x1654ae6b;
const TRACK = 0xae;
const VOID = 0xec;
/** Of the level that it begins; players do without, and would find it wrong. */
const CHECKSUM = 0xbf;

/** What is blanked in which element: by name, as RFC 9559 lists them. */
const BLANKED: ReadonlyMap<number, readonly number[]> = new Map([
  // Tags, attachments, chapters.
  [SEGMENT, [0x1254c367, 0x1941a469, 0x1043a770]],
  // Date, title, muxing and writing programs, ids and names of this file and of its neighbours.
  [INFO, [0x4461, 0x7ba9, 0x4d80, 0x5741, 0x73a4, 0x7384, 0x3cb923, 0x3c83ab, 0x3eb923, 0x3e83bb]],
  [TRACKS, []],
  // Its name.
  [TRACK, [0x536e]],
]);

/** Void elements of the same size (RFC 8794, 11.3.2) in the place of what players need not read. */
export function blankWebm(scan: ByteScan, out: Uint8Array): void {
  for (const element of elementsOf(scan)) if (element.id === SEGMENT) blankIn(element, out);
}

function blankIn(element: Element, out: Uint8Array): void {
  const blanked = BLANKED.get(element.id) ?? [];
  for (const part of elementsOf(element.body)) {
    if (BLANKED.has(part.id)) blankIn(part, out);
    else if ([...blanked, CHECKSUM, VOID].includes(part.id)) writeVoid(part, out);
  }
}

function* elementsOf(scan: ByteScan): Iterable<Element> {
  while (scan.remaining > 0) yield readElement(scan);
}

/** The size takes the room that the longer id leaves, up to the eight bytes that it may have. */
function writeVoid({ start, body, size }: Element, out: Uint8Array): void {
  const whole = body.place + size - start;
  const sizeBytes = Math.min(8, body.place - start - 1);
  const left = whole - 1 - sizeBytes;
  out.fill(0, start, start + whole);
  out[start] = VOID;
  for (let index = 0, rest = left; index < sizeBytes; index++, rest = Math.floor(rest / 256))
    out[start + sizeBytes - index] = rest % 256;
  out[start + 1]! |= 0x100 >> sizeBytes;
}
