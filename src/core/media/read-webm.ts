import { DecodeError } from "../bytes/decode-error.ts";
import type { ByteScan } from "./byte-scan.ts";
import { readElement, type Element } from "./ebml.ts";
import { videoFacts, type MediaFacts } from "./media-facts.ts";

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
  cluster: 0x1f43b675,
  timestamp: 0xe7,
} as const;
const TRACK_VIDEO = 1;
const TRACK_AUDIO = 2;
const NANOSECONDS_PER_MS = 1_000_000;

/** Elements of one level. A second one of those in `once`, of which players take the one or the other, is refused. */
function* elements(scan: ByteScan, ...once: readonly number[]): Iterable<Element> {
  const met = new Set<number>();
  while (scan.remaining > 0) {
    scan.part();
    const element = readElement(scan);
    if (once.includes(element.id) && met.has(element.id)) throw new DecodeError(`two elements ${element.id}`);
    met.add(element.id);
    yield element;
  }
}

/** WebM (a profile of RFC 9559): one segment that states its length, one track of pictures. */
export function readWebm(scan: ByteScan): MediaFacts {
  let facts: MediaFacts | undefined;
  let docType = "";
  for (const { id, body } of elements(scan, ID.header, ID.segment)) {
    if (id === ID.header) docType = readDocType(body);
    if (id === ID.segment) facts = readSegment(body);
  }
  if (facts === undefined || docType !== "webm") throw new DecodeError("no film");
  return facts;
}

function readDocType(header: ByteScan): string {
  let docType = "";
  for (const { id, size, body } of elements(header, ID.docType)) if (id === ID.docType) docType = body.text(size);
  return docType;
}

function readSegment(segment: ByteScan): MediaFacts {
  let info: Info | undefined;
  let tracks: Tracks | undefined;
  let lastTicks = 0;
  for (const { id, body } of elements(segment, ID.info, ID.tracks)) {
    if (id === ID.info) info = readInfo(body);
    if (id === ID.tracks) tracks = readTracks(body);
    if (id === ID.cluster) lastTicks = Math.max(lastTicks, readTimestamp(body));
  }
  if (info === undefined || tracks?.size === undefined) throw new DecodeError("no film");
  const durationMs = (Math.max(info.ticks, lastTicks) * info.scale) / NANOSECONDS_PER_MS;
  return videoFacts(tracks.size[0], tracks.size[1], durationMs, tracks.hasSound);
}

interface Info {
  /** Nanoseconds of a tick. */
  readonly scale: number;
  readonly ticks: number;
}

function readInfo(info: ByteScan): Info {
  let [scale, ticks] = [NANOSECONDS_PER_MS, NaN];
  for (const { id, size, body } of elements(info, ID.timestampScale, ID.duration)) {
    if (id === ID.timestampScale) scale = body.uint(size);
    if (id === ID.duration) ticks = body.float(size);
  }
  // Players take 0 for a million.
  if (scale === 0 || !Number.isFinite(ticks) || ticks < 0) throw new DecodeError("no length");
  return { scale, ticks };
}

/** Of a cluster: its frames begin there, or up to 32,767 ticks later. */
function readTimestamp(cluster: ByteScan): number {
  let ticks = 0;
  for (const { id, size, body } of elements(cluster, ID.timestamp)) if (id === ID.timestamp) ticks = body.uint(size);
  return ticks;
}

interface Tracks {
  readonly size: readonly [number, number] | undefined;
  readonly hasSound: boolean;
}

function readTracks(tracks: ByteScan): Tracks {
  let size: readonly [number, number] | undefined;
  let hasSound = false;
  for (const { id, body } of elements(tracks)) {
    if (id !== ID.track) continue;
    const track = readTrack(body);
    if (track.type === TRACK_AUDIO) hasSound = true;
    else if (track.type === TRACK_VIDEO && size === undefined) size = track.size;
    else throw new DecodeError(`track ${track.type}`);
  }
  return { size, hasSound };
}

function readTrack(track: ByteScan): { readonly type: number; readonly size: readonly [number, number] } {
  let [type, width, height] = [0, 0, 0];
  for (const { id, size, body } of elements(track, ID.trackType, ID.video)) {
    if (id === ID.trackType) type = body.uint(size);
    if (id !== ID.video) continue;
    for (const { id: part, size: partSize, body: number } of elements(body, ID.pixelWidth, ID.pixelHeight)) {
      if (part === ID.pixelWidth) width = number.uint(partSize);
      if (part === ID.pixelHeight) height = number.uint(partSize);
    }
  }
  return { type, size: [width, height] };
}
