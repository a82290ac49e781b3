import { DecodeError } from "../bytes/decode-error.ts";
import type { ByteScan } from "./byte-scan.ts";
import { videoFacts, type MediaFacts } from "./media-facts.ts";

interface Box {
  readonly type: string;
  readonly body: ByteScan;
}

/** Boxes of ISO/IEC 14496-12 inside one another. Of two of those in `once` players take the one or the other: refused. */
function* boxes(scan: ByteScan, ...once: readonly string[]): Iterable<Box> {
  const met = new Set<string>();
  while (scan.remaining > 0) {
    scan.part();
    const size = scan.u32be();
    const type = scan.text(4);
    if (once.includes(type) && met.has(type)) throw new DecodeError(`two ${type}`);
    met.add(type);
    if (size === 0) yield { type, body: scan.within(scan.remaining) };
    else if (size === 1) yield { type, body: scan.within(scan.uint(8) - 16) };
    else yield { type, body: scan.within(size - 8) };
  }
}

type Size = readonly [width: number, height: number];

/** What a track says of itself, in several places. */
interface Track {
  readonly handler: string;
  /** tkhd, in time of the film. */
  readonly ticks: number;
  readonly sizes: readonly Size[];
  /** mdhd and stts, in milliseconds. */
  readonly durationsMs: readonly number[];
}

/**
 * MP4: `moov` says how long the film is and what its tracks are. One of pictures, any number of sound (which the caller
 * refuses), nothing else. Where size or time is stated twice the larger counts, since players differ in which they take.
 * Films in fragments state no length and are refused.
 */
export function readMp4(scan: ByteScan): MediaFacts {
  let facts: MediaFacts | undefined;
  for (const { type, body } of boxes(scan, "moov")) {
    if (type === "moof") throw new DecodeError("in fragments");
    if (type === "moov") facts = readMoov(body);
  }
  if (facts === undefined) throw new DecodeError("no film");
  return facts;
}

function readMoov(moov: ByteScan): MediaFacts {
  let time: MediaTime | undefined;
  let pictures: Track | undefined;
  let hasSound = false;
  for (const { type, body } of boxes(moov, "mvhd")) {
    if (type === "mvex") throw new DecodeError("in fragments");
    if (type === "mvhd") time = readTime(body);
    if (type !== "trak") continue;
    const track = readTrack(body);
    if (track.handler === "soun") hasSound = true;
    else if (track.handler === "vide" && pictures === undefined) pictures = track;
    else throw new DecodeError(`track ${track.handler}`);
  }
  if (time === undefined || pictures === undefined) throw new DecodeError("no film");
  const [width, height] = largest(pictures.sizes);
  const ticks = Math.max(time.ticks, pictures.ticks);
  return videoFacts(width, height, Math.max(msOf({ ...time, ticks }), ...pictures.durationsMs), hasSound);
}

interface MediaTime {
  /** Ticks in a second. */
  readonly scale: number;
  readonly ticks: number;
}

const msOf = ({ scale, ticks }: MediaTime): number => (1_000 * ticks) / scale;

/** Of mvhd and of mdhd, which begin alike. */
function readTime(head: ByteScan): MediaTime {
  const isLong = head.u8() === 1;
  head.skip(3 + (isLong ? 16 : 8));
  const scale = head.u32be();
  if (scale === 0) throw new DecodeError("no time scale");
  return { scale, ticks: head.uint(isLong ? 8 : 4) };
}

function largest(sizes: readonly Size[]): Size {
  return sizes.reduce((left, right) => (right[0] * right[1] > left[0] * left[1] ? right : left));
}

function readTrack(trak: ByteScan): Track {
  let head: Pick<Track, "ticks"> & { readonly size: Size } = { ticks: 0, size: [0, 0] };
  let media: Pick<Track, "handler" | "sizes" | "durationsMs"> | undefined;
  for (const { type, body } of boxes(trak, "tkhd", "mdia")) {
    if (type === "tkhd") head = readTrackHead(body);
    if (type === "mdia") media = readMedia(body);
  }
  if (media === undefined) throw new DecodeError("no media");
  return { ...media, ticks: head.ticks, sizes: [head.size, ...media.sizes] };
}

function readTrackHead(tkhd: ByteScan): { readonly ticks: number; readonly size: Size } {
  const isLong = tkhd.u8() === 1;
  tkhd.skip(3 + (isLong ? 24 : 16));
  const ticks = tkhd.uint(isLong ? 8 : 4);
  tkhd.skip(52);
  // 16.16 fixed point.
  return { ticks, size: [tkhd.u32be() >>> 16, tkhd.u32be() >>> 16] };
}

function readMedia(mdia: ByteScan): Pick<Track, "handler" | "sizes" | "durationsMs"> {
  let handler = "";
  let time: MediaTime | undefined;
  let samples: Samples | undefined;
  for (const { type, body } of boxes(mdia, "hdlr", "mdhd", "minf")) {
    if (type === "mdhd") time = readTime(body);
    if (type === "minf") samples = readSamples(body);
    if (type !== "hdlr") continue;
    body.skip(8);
    handler = body.text(4);
  }
  if (handler !== "vide") return { handler, sizes: [], durationsMs: [] };
  if (time === undefined || samples?.entries === undefined || samples.ticks === undefined)
    throw new DecodeError("no samples");
  const durationsMs = [msOf(time), msOf({ ...time, ticks: samples.ticks })];
  return { handler, sizes: entrySizes(samples.entries), durationsMs };
}

interface Samples {
  /** stsd, whose entries depend on the handler. */
  readonly entries: ByteScan | undefined;
  /** Of all samples together. */
  readonly ticks: number | undefined;
}

function readSamples(minf: ByteScan): Samples {
  let [entries, ticks]: [ByteScan | undefined, number | undefined] = [undefined, undefined];
  for (const { type, body } of boxes(minf, "stbl")) {
    if (type !== "stbl") continue;
    for (const { type: inner, body: table } of boxes(body, "stsd", "stts")) {
      if (inner === "stsd") entries = table;
      if (inner === "stts") ticks = readSampleTimes(table);
    }
  }
  return { entries, ticks };
}

function readSampleTimes(stts: ByteScan): number {
  stts.skip(4);
  let ticks = 0;
  for (let left = stts.u32be(); left > 0; left--) ticks += stts.u32be() * stts.u32be();
  return ticks;
}

/** Sizes of the pictures before a player turns or stretches them; there may be several forms of samples. */
function entrySizes(stsd: ByteScan): readonly Size[] {
  stsd.skip(8);
  return [...boxes(stsd)].map(({ body }): Size => {
    body.skip(24);
    return [body.u16be(), body.u16be()];
  });
}
