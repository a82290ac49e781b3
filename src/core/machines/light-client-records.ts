import { DecodeError, tryDecode, type Decoded } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { decodeForkEvidence, encodeForkEvidence } from "../sync/fork-evidence.ts";
import { decodeKnownNodes, encodeKnownNodes } from "../sync/known-nodes.ts";
import type { Checkpoint } from "../sync/network-config.ts";
import { decodeTrustedHeader, encodeTrustedHeader } from "../sync/trusted-header-record.ts";
import { decodeTrustedChain, encodeTrustedChain, TRUSTED_CHAIN_VERSION } from "../sync/trusted-chain.ts";
import { hash } from "../values/hash.ts";
import { readHeight, readTime } from "../wallet/note.ts";
import { diffShown } from "../wallet/shown-wallet.ts";
import { diffWallet, isNewerRecord, isWalletRecord, restoreWallet } from "../wallet/wallet-records.ts";
import type { StoredRecord } from "../wallet/stored-record.ts";
import type { WriteEffect } from "./light-client-effect.ts";
import type { DurableState, NetworkAnchor } from "./light-client-state.ts";

const RECORD_VERSION = 1;
const CHAIN_KEY = "chain";
const NETWORK_KEY = "network";
const ROOT_KEY = "root";
const CHECKPOINT_KEY = "checkpoint";
const FORK_KEY = "fork";
const NODES_KEY = "nodes";

export function encodeNetworkAnchor(anchor: NetworkAnchor): Uint8Array {
  const writer = new Writer(96).u8(RECORD_VERSION).u32(anchor.chainId).fixed(anchor.genesisHash, 32);
  writeCheckpoint(writer, anchor.checkpoint);
  return writer.finish();
}

/** The record of an entered checkpoint: `u8 version ‖ height u64 ‖ block_id32 ‖ time u64`. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const writer = new Writer(64).u8(RECORD_VERSION);
  writeCheckpoint(writer, checkpoint);
  return writer.finish();
}

export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== RECORD_VERSION) throw new DecodeError(`record version ${version}`);
    return readCheckpoint(reader);
  });
}

function writeCheckpoint(writer: Writer, { height, blockId, timeMs }: Checkpoint): void {
  writer.u64(height).fixed(blockId, 32).u64(timeMs);
}

function readCheckpoint(reader: Reader): Checkpoint {
  return { height: readHeight(reader), blockId: hash(reader.bytes(32)), timeMs: readTime(reader) };
}

export function decodeNetworkAnchor(bytes: Uint8Array): NetworkAnchor {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== RECORD_VERSION) throw new DecodeError(`record version ${version}`);
    const head = { chainId: reader.u32(), genesisHash: hash(reader.bytes(32)) };
    return { ...head, checkpoint: readCheckpoint(reader) };
  });
}

/** One transaction that turns the store from one state into the other; undefined if they are equal. */
export function diffDurable(before: DurableState, after: DurableState): WriteEffect | undefined {
  if (before === after) return undefined;
  const puts: StoredRecord[] = [];
  const wallet = after.wallet && diffWallet(before.wallet, after.wallet);
  const shown = after.wallet && diffShown(before.wallet, after.wallet);
  puts.push(...(wallet?.puts ?? []), ...(shown?.puts ?? []));
  if (after.chain !== undefined && after.chain !== before.chain) {
    puts.push({ key: CHAIN_KEY, bytes: encodeTrustedChain(after.chain) });
  }
  if (after.anchor !== undefined && after.anchor !== before.anchor) {
    puts.push({ key: NETWORK_KEY, bytes: encodeNetworkAnchor(after.anchor) });
  }
  puts.push(...diffTrust(before, after));
  if (after.known !== undefined && after.known !== before.known) {
    puts.push({ key: NODES_KEY, bytes: encodeKnownNodes(after.known) });
  }
  const deletes = [...(wallet?.deletes ?? []), ...(shown?.deletes ?? [])];
  return puts.length + deletes.length === 0 ? undefined : { type: "write", puts, deletes };
}

function diffTrust(before: DurableState, after: DurableState): readonly StoredRecord[] {
  const { root, checkpoint, fork } = after;
  return [
    ...(root === undefined || root === before.root ? [] : [{ key: ROOT_KEY, bytes: encodeTrustedHeader(root) }]),
    ...(checkpoint === undefined || checkpoint === before.checkpoint
      ? []
      : [{ key: CHECKPOINT_KEY, bytes: encodeCheckpoint(checkpoint) }]),
    ...(fork === undefined || fork === before.fork ? [] : [{ key: FORK_KEY, bytes: encodeForkEvidence(fork) }]),
  ];
}

/** Whether a later version of the app has written here. */
export function hasNewerRecord(records: readonly StoredRecord[]): boolean {
  return records.some((record) => {
    return record.key === CHAIN_KEY ? (record.bytes[0] ?? 0) > TRUSTED_CHAIN_VERSION : isNewerRecord(record);
  });
}

/** What a store holds. Never throws, whatever the bytes; keys of others are left alone. */
export function restoreDurable(records: readonly StoredRecord[]): Decoded<DurableState> & { readonly key?: string } {
  const wallet = restoreWallet(records.filter((record) => isWalletRecord(record.key)));
  if (!wallet.ok) return wallet;
  let damaged: { readonly ok: false; readonly reason: string; readonly key: string } | undefined;
  const read = <Value>(key: string, decode: (bytes: Uint8Array) => Value): Value | undefined => {
    const bytes = records.find((record) => record.key === key)?.bytes;
    const decoded = bytes && tryDecode(decode, bytes);
    if (decoded?.ok === false) damaged ??= { ...decoded, key };
    return decoded?.ok === true ? decoded.value : undefined;
  };
  const value = {
    wallet: wallet.value,
    chain: read(CHAIN_KEY, decodeTrustedChain),
    anchor: read(NETWORK_KEY, decodeNetworkAnchor),
    root: read(ROOT_KEY, decodeTrustedHeader),
    checkpoint: read(CHECKPOINT_KEY, decodeCheckpoint),
    fork: read(FORK_KEY, decodeForkEvidence),
    known: read(NODES_KEY, decodeKnownNodes),
  };
  if (damaged !== undefined) return damaged;
  if (value.wallet?.scanned?.height !== value.chain?.header.height) {
    return { ok: false, reason: "wallet and chain stand at different blocks", key: CHAIN_KEY };
  }
  return { ok: true, value };
}
