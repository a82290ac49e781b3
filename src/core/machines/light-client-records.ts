import { DecodeError, tryDecode, type Decoded } from "../bytes/decode-error.ts";
import { decodeWhole } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { decodeTrustedChain, encodeTrustedChain, TRUSTED_CHAIN_VERSION } from "../sync/trusted-chain.ts";
import { hash } from "../values/hash.ts";
import { readHeight, readTime } from "../wallet/note.ts";
import {
  diffWallet,
  isNewerRecord,
  isWalletRecord,
  restoreWallet,
  type StoredRecord,
} from "../wallet/wallet-records.ts";
import type { WriteEffect } from "./light-client-effect.ts";
import type { DurableState, NetworkAnchor } from "./light-client-state.ts";

const RECORD_VERSION = 1;
const CHAIN_KEY = "chain";
const NETWORK_KEY = "network";

export function encodeNetworkAnchor(anchor: NetworkAnchor): Uint8Array {
  const { height, blockId, timeMs } = anchor.checkpoint;
  const writer = new Writer(96).u8(RECORD_VERSION).u32(anchor.chainId).fixed(anchor.genesisHash, 32);
  return writer.u64(height).fixed(blockId, 32).u64(timeMs).finish();
}

export function decodeNetworkAnchor(bytes: Uint8Array): NetworkAnchor {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== RECORD_VERSION) throw new DecodeError(`record version ${version}`);
    const head = { chainId: reader.u32(), genesisHash: hash(reader.bytes(32)) };
    const checkpoint = { height: readHeight(reader), blockId: hash(reader.bytes(32)), timeMs: readTime(reader) };
    return { ...head, checkpoint };
  });
}

/** One transaction that turns the store from one state into the other; undefined if they are equal. */
export function diffDurable(before: DurableState, after: DurableState): WriteEffect | undefined {
  if (before === after) return undefined;
  const puts: StoredRecord[] = [];
  const wallet = after.wallet && diffWallet(before.wallet, after.wallet);
  if (wallet !== undefined) puts.push(...wallet.puts);
  if (after.chain !== undefined && after.chain !== before.chain) {
    puts.push({ key: CHAIN_KEY, bytes: encodeTrustedChain(after.chain) });
  }
  if (after.anchor !== undefined && after.anchor !== before.anchor) {
    puts.push({ key: NETWORK_KEY, bytes: encodeNetworkAnchor(after.anchor) });
  }
  const deletes = wallet?.deletes ?? [];
  return puts.length + deletes.length === 0 ? undefined : { type: "write", puts, deletes };
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
  const find = (key: string): Uint8Array | undefined => records.find((record) => record.key === key)?.bytes;
  const chainBytes = find(CHAIN_KEY);
  const chain = chainBytes && tryDecode(decodeTrustedChain, chainBytes);
  if (chain?.ok === false) return { ...chain, key: CHAIN_KEY };
  const anchorBytes = find(NETWORK_KEY);
  const anchor = anchorBytes && tryDecode(decodeNetworkAnchor, anchorBytes);
  if (anchor?.ok === false) return { ...anchor, key: NETWORK_KEY };
  const value = { wallet: wallet.value, chain: chain?.value, anchor: anchor?.value };
  if (value.wallet?.scanned?.height !== value.chain?.header.height) {
    return { ok: false, reason: "wallet and chain stand at different blocks", key: CHAIN_KEY };
  }
  return { ok: true, value };
}
