import { concatBytes } from "../../core/bytes/concat-bytes.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { decodeWhole } from "../../core/bytes/reader.ts";
import type { BlockCommit } from "../../core/ports/full-node-store.ts";
import { decodeOutputCore, OUTPUT_TYPE, type PublicCore } from "../../core/chain/output.ts";
import { height, type Height, type LeafIndex } from "../../core/values/height.ts";
import { encodeBlockRecord } from "./block-record.ts";
import {
  hashKey,
  heightKey,
  KEY_SPACE,
  leafKey,
  metaKey,
  nodeKey,
  publicPaymentKey,
  weekKey,
  type StoreOperation,
} from "./key-spaces.ts";
import { encodeLeafRecord } from "./leaf-record-bytes.ts";
import { packetExpiryOperations } from "./packet-expiries.ts";
import { drawnCoinOperations } from "./pinned-packets.ts";

/** The single records: format, tip, evidence that waits for a block, and up to where what is deleted by age has been deleted. */
export const META = {
  version: 0,
  tip: 1,
  prunedProofs: 2,
  prunedBlocks: 3,
  prunedWindow: 4,
  prunedPayloads: 5,
  evidence: 6,
} as const;

/** Everything a block commit writes, except the log entries it deletes and what becomes of spent outputs. */
export function commitOperations(commit: BlockCommit): StoreOperation[] {
  const operations: StoreOperation[] = [];
  const put = (key: Uint8Array, value: Uint8Array): number => operations.push({ type: "put", key, value });
  const del = (key: Uint8Array): number => operations.push({ type: "del", key });

  put(metaKey(META.tip), new Writer(8 + commit.tip.length).u64(commit.height).bytes(commit.tip).finish());
  put(heightKey(KEY_SPACE.header, commit.height), commit.header);
  put(heightKey(KEY_SPACE.certificate, commit.height), commit.certificate);
  put(heightKey(KEY_SPACE.block, commit.height), encodeBlockRecord(commit));
  put(heightKey(KEY_SPACE.compact, commit.height), commit.compact);
  put(hashKey(KEY_SPACE.blockHeight, commit.blockId), encodeHeight(commit.height));
  commit.txids.forEach((txid, index) => {
    put(hashKey(KEY_SPACE.transactionPlace, txid), encodePlace({ height: commit.height, index }));
  });
  if (commit.txids.length > 0) put(heightKey(KEY_SPACE.txids, commit.height), concatBytes(...commit.txids));
  const { award, validatorSet } = commit;
  for (const { hash, bytes } of [
    ...(award?.validatorSets ?? []),
    ...(validatorSet === undefined ? [] : [validatorSet]),
  ])
    put(hashKey(KEY_SPACE.validatorSet, hash), bytes);
  if (award !== undefined) put(weekKey(award.week), award.draw);
  for (const [leaf, record] of commit.changes.leaves) {
    const key = leafKey(KEY_SPACE.leaf, leaf);
    if (record === undefined) del(key);
    else put(key, encodeLeafRecord(record));
  }
  for (const [name, node] of commit.changes.nodes) {
    const key = nodeKey(...parseNodeName(name));
    if (node === undefined) del(key);
    else put(key, node);
  }
  for (const [index, record] of commit.changes.tiles) {
    const key = leafKey(KEY_SPACE.tile, index);
    if (record === undefined) del(key);
    else put(key, record);
  }
  for (const [leaf, core] of commit.cores) {
    operations.push(
      ...publicPaymentOperations(leaf, core, commit.height),
      ...drawnCoinOperations(leaf, core),
      ...packetExpiryOperations("put", leaf, core),
    );
  }
  for (const [leaf, payload] of commit.payloads) put(leafKey(KEY_SPACE.payload, leaf), payload);
  for (const [leaf, proof] of commit.rangeProofs) put(leafKey(KEY_SPACE.rangeProof, leaf), proof);
  return operations;
}

/** What makes a public payment findable by its recipient; nothing for outputs of other types. */
export function publicPaymentOperations(leaf: LeafIndex, core: Uint8Array, at: Height): readonly StoreOperation[] {
  const key = publicPaymentKeyOf(leaf, core);
  return key === undefined ? [] : [{ type: "put", key, value: encodeHeight(at) }];
}

/** The key under which its recipient finds a public payment; undefined for outputs of other types. */
export function publicPaymentKeyOf(leaf: LeafIndex, core: Uint8Array): Uint8Array | undefined {
  if (core[0] !== OUTPUT_TYPE.public) return undefined;
  return publicPaymentKey((decodeOutputCore(core) as PublicCore).recipient, leaf);
}

/** `level:position` of LedgerChanges as numbers. */
export function parseNodeName(name: string): readonly [level: number, position: number] {
  const match = /^(\d{1,2}):(\d{1,13})$/.exec(name);
  if (match === null) throw new RangeError(`not a node: ${name}`);
  return [Number(match[1]), Number(match[2])];
}

export interface TransactionPlace {
  readonly height: Height;
  readonly index: number;
}

function encodePlace(place: TransactionPlace): Uint8Array {
  return new Writer(10).u64(place.height).u16(place.index).finish();
}

export function decodePlace(bytes: Uint8Array): TransactionPlace {
  return decodeWhole(bytes, (reader) => ({ height: height(reader.u53()), index: reader.u16() }));
}

function encodeHeight(value: Height): Uint8Array {
  return new Writer(8).u64(value).finish();
}

export function decodeHeight(bytes: Uint8Array): Height {
  return decodeWhole(bytes, (reader) => height(reader.u53()));
}

/** The tip record: height of the last commit, then the tip as it was given. */
export function decodeTip(bytes: Uint8Array): { readonly height: Height; readonly tip: Uint8Array } {
  return decodeWhole(bytes, (reader) => ({ height: height(reader.u53()), tip: reader.bytes(reader.remaining) }));
}
