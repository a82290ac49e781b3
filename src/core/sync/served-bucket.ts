import { equalBytes } from "../bytes/compare-bytes.ts";
import { tryDecode } from "../bytes/decode-error.ts";
import { outputHash } from "../chain/output.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import { BUCKET_LEAVES, verifyBucketProof, type BucketProof } from "../state/bucket-proof.ts";
import {
  decodePacketState,
  decodeStakeState,
  stateHashOf,
  type PacketState,
  type StakeState,
} from "../state/leaf-state.ts";
import { leafHash } from "../state/tree.ts";
import { ZERO_HASH, type Hash } from "../values/hash.ts";
import { leafIndex, type Height, type LeafIndex } from "../values/height.ts";
import type { StreamedOutput } from "./compact-item.ts";

/** One output of a bucket. A dead one is given while the server keeps it, and proves nothing by itself (BL-15). */
export interface ServedSlot extends StreamedOutput {
  readonly isLive: boolean;
  /** Height of the block that made it. */
  readonly height: Height;
  /** BL-1; empty for types without state and for dead outputs. */
  readonly stateFields: Uint8Array;
}

/** One answer of `bucket` (11.1). The decoder of `wire/requests` gives this shape. */
export interface ServedBucket {
  /** Height of the state. */
  readonly at: Height;
  /** 64 of them; undefined = not yet existing at that height, or dead and dropped. */
  readonly slots: readonly (ServedSlot | undefined)[];
  readonly proof: BucketProof;
}

/** A live output that a certified root covers. */
export interface LiveOutput extends StreamedOutput {
  readonly leaf: LeafIndex;
  readonly height: Height;
  /** Of a stake. */
  readonly stakeState?: StakeState | undefined;
  /** Of a packet. */
  readonly packetState?: PacketState | undefined;
}

/**
 * The live outputs of a bucket, if these are exactly those under this root (BL-6, BL-15); undefined if one is left out,
 * added or changed, or a payload is not that of its core. A server may have dropped payloads.
 */
export function checkBucket(root: Hash, bucket: number, served: ServedBucket): readonly LiveOutput[] | undefined {
  const live: LiveOutput[] = [];
  const leaves: Hash[] = [];
  for (const [place, slot] of served.slots.entries()) {
    const leaf = leafIndex(bucket * BUCKET_LEAVES + place);
    const hash = slot?.isLive === true ? leafOf(leaf, slot) : ZERO_HASH;
    if (hash === undefined) return undefined;
    leaves.push(hash);
    if (slot?.isLive === true) live.push(liveOutput(leaf, slot));
  }
  if (!verifyBucketProof(root, bucket, leaves, served.proof)) return undefined;
  return live.every(isPayloadRight) ? live : undefined;
}

function liveOutput(leaf: LeafIndex, { height, core, payload, stateFields }: ServedSlot): LiveOutput {
  const output = { leaf, height, core, payload };
  if (core.type === "stake") return { ...output, stakeState: decodeStakeState(stateFields) };
  return core.type === "packet" ? { ...output, packetState: decodePacketState(stateFields) } : output;
}

/** undefined if the state fields are none of their type. */
function leafOf(leaf: LeafIndex, slot: ServedSlot): Hash | undefined {
  const state = tryDecode((fields) => stateHashOf(slot.core.type, fields), slot.stateFields);
  return state.ok ? leafHash(leaf, slot.height, outputHash(slot.core), state.value) : undefined;
}

function isPayloadRight({ core, payload }: StreamedOutput): boolean {
  return payload === undefined || (core.type === "coin" && equalBytes(sha256Hash(payload), core.payloadHash));
}
