import type { NetworkPort } from "../../core/ports/network-port.ts";
import { frameType } from "../../wire/frame.ts";
import { RANGE_ROOTS_PER_FRAME_MAX } from "../../wire/limits.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import {
  decodeRangeRootsRequest,
  decodeRangesRequest,
  encodeRangeRootsItem,
  RANGE_REQUEST_TYPE,
} from "../../wire/requests/range.ts";
import type { BoundaryRanges } from "./boundary-ranges.ts";
import type { RequestGuard } from "./request-guard.ts";
import { serveRequests } from "./serve-requests.ts";

/** Serves `range`: what a wallet reads of all outputs when it is restored (5.4). */
export async function serveRange(network: NetworkPort, ranges: BoundaryRanges, guard?: RequestGuard): Promise<void> {
  const answer = (frame: Uint8Array): AsyncIterable<Uint8Array> =>
    frameType(frame) === RANGE_REQUEST_TYPE.roots ? answerRoots(ranges, frame) : answerRanges(ranges, frame);
  await serveRequests(network, PROTOCOL.range, answer, guard);
}

async function* answerRanges(ranges: BoundaryRanges, frame: Uint8Array): AsyncIterable<Uint8Array> {
  const request = decodeRangesRequest(frame);
  for (const range of request.ranges) yield await ranges.item(request.boundary, range);
}

async function* answerRoots(ranges: BoundaryRanges, frame: Uint8Array): AsyncIterable<Uint8Array> {
  const roots = await ranges.roots(decodeRangeRootsRequest(frame).boundary);
  for (let from = 0; from < roots.length; from += RANGE_ROOTS_PER_FRAME_MAX) {
    yield encodeRangeRootsItem(roots.slice(from, from + RANGE_ROOTS_PER_FRAME_MAX));
  }
}
