import { DecodeError } from "../../core/bytes/decode-error.ts";
import type { Header } from "../../core/chain/header.ts";
import type { NetworkPort, PeerId } from "../../core/ports/network-port.ts";
import { BUCKET_LEAVES, BUCKET_LIMIT } from "../../core/state/bucket-proof.ts";
import { decoyTriple } from "../../core/sync/decoy.ts";
import { checkBucket, type LiveOutput, type ServedBucket } from "../../core/sync/served-bucket.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import type { Hash } from "../../core/values/hash.ts";
import { height, type LeafIndex } from "../../core/values/height.ts";
import { PROTOCOL } from "../../wire/protocols.ts";
import { decodeBucketAnswer, encodeBucketRequest } from "../../wire/requests/bucket.ts";
import type { CertifiedHeaders } from "./certified-headers.ts";
import { REQUEST_MS } from "./header-requests.ts";
import type { Requests } from "./network-edges.ts";

/** A node that was reached, and what ties its answers to the chain. */
export interface LookupLine {
  readonly host: NetworkPort;
  readonly peer: PeerId;
  readonly headers: CertifiedHeaders;
  readonly trusted: TrustedHeader;
}

/** What stands at a leaf, by the newest state of a node. */
export interface SeenLeaf {
  /** Certified, of the block behind which the state is. */
  readonly header: Header;
  /** undefined: nothing lives there. */
  readonly output: LiveOutput | undefined;
}

/** NW-14: whatever the server's newest height is. */
const NEWEST = height(0);

/**
 * Reads one leaf by its bucket among decoys (BL-15, NW-7), `decoys` being the secret of NW-7, and `permutation` what
 * it makes of the window, where that is known. While the trusted header is still asked for, what does not need it is
 * asked as well. undefined for a number so high that no chain gets near it. Throws for an answer that is not in order: the
 * next node may do.
 */
export async function readLiveLeaf(
  requests: Pick<Requests, "many">,
  line: Omit<LookupLine, "trusted"> & { readonly trusted: TrustedHeader | Promise<TrustedHeader> },
  leaf: LeafIndex,
  decoys: Hash,
  permutation?: readonly number[],
): Promise<SeenLeaf | undefined> {
  const bucket = Math.floor(leaf / BUCKET_LEAVES);
  const triple = decoyTriple(decoys, bucket, permutation);
  // The last numbers there are make no whole window of decoys.
  if (triple.some((id) => id >= BUCKET_LIMIT)) return undefined;
  const served = (await newestBuckets(requests, line, triple))[triple.indexOf(bucket)]!;
  const item = await line.headers.first(served.at);
  if ((await line.headers.isFinal(await line.trusted, item)) !== true)
    throw new DecodeError("a header that is not final");
  const { header } = item;
  const outputs = checkBucket(header.utxoRoot, bucket, served);
  if (outputs === undefined) throw new DecodeError("a bucket that is not that of its root");
  return { header, output: outputs.find((output) => output.leaf === leaf) };
}

/** Three buckets of the newest state, all of one height. */
async function newestBuckets(
  requests: Pick<Requests, "many">,
  { host, peer }: Pick<LookupLine, "host" | "peer">,
  triple: readonly number[],
): Promise<readonly ServedBucket[]> {
  const frame = encodeBucketRequest({ at: NEWEST, withPayloads: false, buckets: triple });
  const answer = requests.many(host, peer, PROTOCOL.bucket, frame, { firstMs: REQUEST_MS, idleMs: REQUEST_MS });
  const served: ServedBucket[] = [];
  try {
    for await (const item of answer.frames) {
      if (served.length === triple.length) throw new DecodeError("longer answer than asked for");
      served.push(decodeBucketAnswer(item));
    }
  } finally {
    answer.cancel();
  }
  const isWhole = served.length === triple.length && served.every(({ at }) => at === served[0]!.at);
  if (!isWhole) throw new DecodeError("another answer");
  return served;
}
