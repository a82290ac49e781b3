import type { BlobWork } from "../../core/blob/blob-work.ts";
import type { SealedBlob } from "../../core/blob/sealed-blob.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import {
  decodeBlobHasAnswer,
  decodeBlobPutAnswer,
  encodeBlobRequest,
  type BlobPutResult,
} from "../../wire/requests/blob.ts";
import type { BlobNode } from "./blob-nodes.ts";
import type { BriefHosts } from "./brief-hosts.ts";
import { dialNode } from "./lookup-nodes.ts";
import type { Requests } from "./network-edges.ts";

/** The time of one node: the largest blob over 300 kbit/s. */
const NODE_MS = 45_000;
const ANSWER_MS = 40_000;
const HAS_MS = 10_000;

/**
 * What one node makes of a blob. `absent`: it is there, does not have it, and no work was at hand. `away`: not reached,
 * silent, busy or not in order.
 */
export type OfferResult = BlobPutResult | "absent" | "away";

export interface BlobOffer {
  readonly chainId: number;
  readonly blob: SealedBlob;
  readonly work: BlobWork | undefined;
  /** Called before the bytes leave; false: they are not to leave. */
  readonly leaving: () => Promise<boolean>;
}

/**
 * Asks a node whether it has the blob, and gives it the bytes if not: a node that does not answer, or heard all of it and
 * was cut off before its answer came, costs 33 bytes.
 */
export async function offerBlob(
  hosts: BriefHosts,
  requests: Pick<Requests, "one">,
  { node }: BlobNode,
  offer: BlobOffer,
): Promise<OfferResult> {
  try {
    return await hosts.lend(offer.chainId, NODE_MS, async (host) => {
      const peer = await dialNode(host, node);
      const ask = (frame: Uint8Array, ms: number) => requests.one(host, peer, PROTOCOL.blob, frame, ms);
      return await offerTo(ask, offer);
    });
  } catch {
    return "away";
  }
}

type Ask = (frame: Uint8Array, timeoutMs: number) => Promise<Uint8Array>;

async function offerTo(ask: Ask, { blob, work, leaving }: BlobOffer): Promise<OfferResult> {
  const { blobId, bytes } = blob;
  if (decodeBlobHasAnswer(await ask(encodeBlobRequest({ type: "has", blobId }), HAS_MS))) return "kept";
  if (work === undefined) return "absent";
  if (!(await leaving())) return "away";
  return decodeBlobPutAnswer(await ask(encodeBlobRequest({ type: "put", blobId, work, bytes }), ANSWER_MS));
}
