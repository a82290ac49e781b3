import { DecodeError } from "../bytes/decode-error.ts";
import { JPEG_SCANS_MAX } from "../params/media-limits.ts";
import type { ByteScan } from "./byte-scan.ts";
import { frameMs, stillFacts, type MediaFacts } from "./media-facts.ts";

/** PNG and APNG (W3C PNG, third edition): chunks up to IEND, and nothing behind it. */
export function readPng(scan: ByteScan): MediaFacts {
  scan.skip(8);
  let [width, height, frames, durationMs] = [0, 0, 0, 0];
  for (let isFirst = true; ; isFirst = false) {
    scan.part();
    const size = scan.u32be();
    const type = scan.text(4);
    const body = scan.within(size);
    scan.skip(4);
    if (isFirst !== (type === "IHDR")) throw new DecodeError("IHDR is first, and only there");
    if (type === "IHDR") [width, height] = [body.u32be(), body.u32be()];
    if (type === "fcTL") {
      body.skip(20);
      const [delay, parts] = [body.u16be(), body.u16be()];
      frames++;
      durationMs += frameMs((1_000 * delay) / (parts === 0 ? 100 : parts));
    }
    if (type === "IEND") break;
  }
  scan.end();
  return frames === 0 ? stillFacts(width, height) : { width, height, frames, durationMs, hasSound: false };
}

/** Markers of JPEG (ITU-T T.81, table B.1). */
const MARKER = { stuffed: 0x00, tem: 0x01, rst0: 0xd0, rst7: 0xd7, eoi: 0xd9, sos: 0xda } as const;
const isRestart = (marker: number): boolean => marker >= MARKER.rst0 && marker <= MARKER.rst7;
/** SOF0 to SOF15 without those that are tables. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** Tables, restart intervals, comments, and what programs add. */
const isTable = (marker: number): boolean =>
  [0xc4, 0xcc, 0xdb, 0xdd, 0xfe].includes(marker) || (marker >= 0xe0 && marker <= 0xef);

/**
 * JPEG: markers up to the end, or that of the file; behind it cameras keep what is theirs. One frame, which states the size,
 * and scans. A marker that decoders know no segment of is refused: they go on behind it, where we would see its body.
 */
export function readJpeg(scan: ByteScan): MediaFacts {
  scan.skip(2);
  let facts: MediaFacts | undefined;
  let scans = 0;
  for (;;) {
    scan.part();
    const marker = readMarker(scan);
    if (marker === MARKER.tem || isRestart(marker)) continue;
    if (marker === MARKER.eoi) break;
    const body = scan.within(scan.u16be() - 2);
    if (isFrame(marker)) {
      if (facts !== undefined) throw new DecodeError("two frames");
      body.skip(1);
      const height = body.u16be();
      facts = stillFacts(body.u16be(), height);
    } else if (marker === MARKER.sos) {
      if (facts === undefined || ++scans > JPEG_SCANS_MAX) throw new DecodeError(`scan ${scans}`);
      skipScan(scan);
      if (scan.remaining === 0) break;
    } else if (!isTable(marker)) throw new DecodeError(`marker ${marker}`);
  }
  if (facts === undefined) throw new DecodeError("no frame");
  return facts;
}

function readMarker(scan: ByteScan): number {
  if (scan.u8() !== 0xff) throw new DecodeError("no marker");
  let marker = scan.u8();
  while (marker === 0xff) marker = scan.u8();
  return marker;
}

/** Up to the marker behind the coded data, in which FF is followed by 00, and restarts stand. */
function skipScan(scan: ByteScan): void {
  for (;;) {
    scan.skipTo(0xff);
    const next = scan.peek(1);
    if (next === undefined) {
      scan.skip(scan.remaining);
      return;
    }
    if (next !== MARKER.stuffed && next !== 0xff && !isRestart(next)) return;
    // Of several FF the last one counts.
    scan.skip(next === 0xff ? 1 : 2);
  }
}

/** WebP (RFC 9649): one RIFF file of the size it states. */
export function readWebp(scan: ByteScan): MediaFacts {
  scan.skip(4);
  const size = scan.u32le();
  const body = scan.within(size);
  scan.end();
  body.skip(4);
  let facts: MediaFacts | undefined;
  let isAnimated = false;
  let [frames, durationMs] = [0, 0];
  while (body.remaining > 0) {
    body.part();
    const type = body.text(4);
    const chunkSize = body.u32le();
    const chunk = body.within(chunkSize);
    body.skip(chunkSize % 2);
    if (type === "VP8X") {
      if (facts !== undefined) throw new DecodeError("VP8X is first");
      isAnimated = (chunk.u8() & 0x02) !== 0;
      chunk.skip(3);
      facts = stillFacts(chunk.u24le() + 1, chunk.u24le() + 1);
    } else if (type === "VP8 ") {
      chunk.skip(6);
      facts ??= stillFacts(chunk.u16le() & 0x3fff, chunk.u16le() & 0x3fff);
    } else if (type === "VP8L") {
      chunk.skip(1);
      const bits = chunk.u32le();
      facts ??= stillFacts((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    } else if (type === "ANMF") {
      chunk.skip(12);
      frames++;
      durationMs += frameMs(chunk.u24le());
    }
  }
  if (facts === undefined || isAnimated !== frames > 0) throw new DecodeError("no picture");
  return isAnimated ? { ...facts, frames, durationMs } : facts;
}

/** GIF (89a): blocks up to the trailer, and nothing behind it. */
export function readGif(scan: ByteScan): MediaFacts {
  scan.skip(6);
  const [width, height] = [scan.u16le(), scan.u16le()];
  skipTable(scan, scan.u8(), 2);
  let [frames, durationMs] = [0, 0];
  for (;;) {
    scan.part();
    const block = scan.u8();
    if (block === 0x3b) break;
    if (block === 0x21) {
      const label = scan.u8();
      if (label === 0xf9) {
        // Of another size decoders begin elsewhere.
        if (scan.u8() !== 4) throw new DecodeError("size of a graphic control");
        scan.skip(1);
        durationMs += frameMs(10 * scan.u16le());
        scan.skip(1);
      }
    } else if (block === 0x2c) {
      const [left, top, wide, high] = [scan.u16le(), scan.u16le(), scan.u16le(), scan.u16le()];
      if (left + wide > width || top + high > height) throw new DecodeError("a frame beyond its screen");
      skipTable(scan, scan.u8(), 0);
      scan.skip(1);
      frames++;
    } else throw new DecodeError(`block ${block}`);
    for (let size = scan.u8(); size !== 0; size = scan.u8()) scan.skip(size);
  }
  scan.end();
  if (frames === 0) throw new DecodeError("no picture");
  return frames === 1 ? stillFacts(width, height) : { width, height, frames, durationMs, hasSound: false };
}

/** `between` bytes, and a colour table where the flags name one. */
function skipTable(scan: ByteScan, flags: number, between: number): void {
  scan.skip(between);
  if ((flags & 0x80) !== 0) scan.skip(3 * 2 ** ((flags & 0x07) + 1));
}
