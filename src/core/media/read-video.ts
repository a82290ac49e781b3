import { DecodeError } from "../bytes/decode-error.ts";
import type { ByteScan } from "./byte-scan.ts";
import { videoFacts, type MediaFacts } from "./media-facts.ts";

/** Boxes of ISO/IEC 14496-12 inside one another, of which each may be met once. */
function* boxes(scan: ByteScan): Iterable<{ readonly type: string; readonly body: ByteScan }> {
  while (scan.remaining > 0) {
    scan.part();
    const size = scan.u32be();
    const type = scan.text(4);
    if (size === 0) yield { type, body: scan.within(scan.remaining) };
    else if (size === 1) yield { type, body: scan.within(scan.uint(8) - 16) };
    else yield { type, body: scan.within(size - 8) };
  }
}

/**
 * MP4: `moov` says how long the film is and what its tracks are. One of pictures, any number of sound (which the caller
 * refuses), nothing else. Films in fragments state no length and are refused.
 */
export function readMp4(scan: ByteScan): MediaFacts {
  let facts: MediaFacts | undefined;
  for (const { type, body } of boxes(scan)) {
    if (type === "moof") throw new DecodeError("in fragments");
    if (type !== "moov") continue;
    if (facts !== undefined) throw new DecodeError("two films");
    facts = readMoov(body);
  }
  if (facts === undefined) throw new DecodeError("no film");
  return facts;
}

function readMoov(moov: ByteScan): MediaFacts {
  let durationMs: number | undefined;
  let size: readonly [number, number] | undefined;
  let hasSound = false;
  for (const { type, body } of boxes(moov)) {
    if (type === "mvex") throw new DecodeError("in fragments");
    if (type === "mvhd") durationMs = readDuration(body);
    if (type !== "trak") continue;
    const track = readTrack(body);
    if (track.handler === "soun") hasSound = true;
    else if (track.handler === "vide" && size === undefined) size = track.size;
    else throw new DecodeError(`track ${track.handler}`);
  }
  if (durationMs === undefined || size === undefined) throw new DecodeError("no film");
  return videoFacts(size[0], size[1], durationMs, hasSound);
}

function readDuration(mvhd: ByteScan): number {
  const isLong = mvhd.u8() === 1;
  mvhd.skip(3 + (isLong ? 16 : 8));
  const scale = mvhd.u32be();
  if (scale === 0) throw new DecodeError("no time scale");
  return (1_000 * mvhd.uint(isLong ? 8 : 4)) / scale;
}

function readTrack(trak: ByteScan): { readonly handler: string; readonly size: readonly [number, number] } {
  let handler = "";
  let size: readonly [number, number] = [0, 0];
  for (const { type, body } of boxes(trak)) {
    if (type === "tkhd") {
      body.skip((body.u8() === 1 ? 35 : 23) + 52);
      // 16.16 fixed point.
      size = [body.u32be() >>> 16, body.u32be() >>> 16];
    }
    if (type !== "mdia") continue;
    for (const { type: inner, body: hdlr } of boxes(body)) {
      if (inner !== "hdlr") continue;
      hdlr.skip(8);
      handler = hdlr.text(4);
    }
  }
  return { handler, size };
}

/** Elements of EBML (RFC 8794) that are read, by their id. */
const ID = {
  header: 0x1a45dfa3,
  docType: 0x4282,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  tracks: 0x1654ae6b,
  track: 0xae,
  trackType: 0x83,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
} as const;
const TRACK_VIDEO = 1;
const TRACK_AUDIO = 2;
const NANOSECONDS_PER_MS = 1_000_000;

interface Element {
  readonly id: number;
  readonly size: number;
  readonly body: ByteScan;
}

/** Elements of one level. One of unknown size, as in a live stream, is refused. */
function* elements(scan: ByteScan): Iterable<Element> {
  while (scan.remaining > 0) {
    scan.part();
    const id = readVarint(scan, 4, true);
    const size = readVarint(scan, 8, false);
    yield { id, size, body: scan.within(size) };
  }
}

function readVarint(scan: ByteScan, sizeMax: number, keepsMarker: boolean): number {
  const first = scan.u8();
  const size = Math.clz32(first) - 23;
  if (size > sizeMax) throw new DecodeError("number too long");
  const bits = keepsMarker ? first : first & (0xff >> size);
  const value = bits * 2 ** (8 * (size - 1)) + scan.uint(size - 1);
  // All ones: the size is unknown.
  if (!keepsMarker && value === 2 ** (7 * size) - 1) throw new DecodeError("unknown size");
  return value;
}

/** WebM (a profile of RFC 9559): one segment that states its length, one track of pictures. */
export function readWebm(scan: ByteScan): MediaFacts {
  let facts: MediaFacts | undefined;
  let docType = "";
  for (const { id, body } of elements(scan)) {
    if (id === ID.header) docType = readDocType(body);
    if (id !== ID.segment) continue;
    if (facts !== undefined) throw new DecodeError("two films");
    facts = readSegment(body);
  }
  if (facts === undefined || docType !== "webm") throw new DecodeError("no film");
  return facts;
}

function readDocType(header: ByteScan): string {
  for (const { id, size, body } of elements(header)) if (id === ID.docType) return body.text(size);
  return "";
}

function readSegment(segment: ByteScan): MediaFacts {
  let durationMs: number | undefined;
  let tracks: ReturnType<typeof readTracks> | undefined;
  for (const { id, body } of elements(segment)) {
    if (id === ID.info) durationMs = readInfo(body);
    if (id === ID.tracks) tracks = readTracks(body);
  }
  if (durationMs === undefined || tracks?.size === undefined) throw new DecodeError("no film");
  return videoFacts(tracks.size[0], tracks.size[1], durationMs, tracks.hasSound);
}

function readInfo(info: ByteScan): number | undefined {
  let [scale, duration] = [NANOSECONDS_PER_MS, NaN];
  for (const { id, size, body } of elements(info)) {
    if (id === ID.timestampScale) scale = body.uint(size);
    if (id === ID.duration) duration = body.float(size);
  }
  return Number.isFinite(duration) && duration >= 0 ? (duration * scale) / NANOSECONDS_PER_MS : undefined;
}

function readTracks(tracks: ByteScan): {
  readonly size: readonly [number, number] | undefined;
  readonly hasSound: boolean;
} {
  let size: readonly [number, number] | undefined;
  let hasSound = false;
  for (const { id, body } of elements(tracks)) {
    if (id !== ID.track) continue;
    let [type, width, height] = [0, 0, 0];
    for (const { id: inner, size: innerSize, body: value } of elements(body)) {
      if (inner === ID.trackType) type = value.uint(innerSize);
      if (inner !== ID.video) continue;
      for (const { id: part, size: partSize, body: number } of elements(value)) {
        if (part === ID.pixelWidth) width = number.uint(partSize);
        if (part === ID.pixelHeight) height = number.uint(partSize);
      }
    }
    if (type === TRACK_AUDIO) hasSound = true;
    else if (type === TRACK_VIDEO && size === undefined) size = [width, height];
    else throw new DecodeError(`track ${type}`);
  }
  return { size, hasSound };
}
