import { equalBytes } from "../core/bytes/compare-bytes.ts";
import { tryDecode } from "../core/bytes/decode-error.ts";
import { decodeCertificate, EMPTY_CERTIFICATE, type Certificate } from "../core/chain/certificate.ts";
import { blockId, decodeHeader, isBoundary } from "../core/chain/header.ts";
import { decodeGenesis, genesisHash, type Genesis } from "../core/chain/genesis.ts";
import type { CurveBackend } from "../core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../core/crypto/bls-backend.ts";
import { faultyParam } from "../core/params/validate-params.ts";
import type { FullNodeStore } from "../core/ports/full-node-store.ts";
import { blockCommit } from "../core/state/block-outcome.ts";
import { genesisTip } from "../core/state/genesis-tip.ts";
import { decodeLedgerTip, type LedgerTip } from "../core/state/ledger-tip.ts";
import type { BoundaryBlock } from "../core/machines/full-node-state.ts";
import { height } from "../core/values/height.ts";
import type { RuleNumber } from "../core/values/rule-number.ts";
import { Refusal } from "./refusal.ts";

/** Where a node goes on: the last stored block and what made it final. */
export interface OpenedLedger {
  readonly tip: LedgerTip;
  /** Undefined for genesis, which nobody certifies. */
  readonly certificate: Certificate | undefined;
  /** Newest last block of an epoch. */
  readonly boundary: BoundaryBlock;
}

/** Reads the tip of the database, or makes it from the genesis. Refuses a database of another chain. */
export async function openLedger(
  store: FullNodeStore,
  genesisBytes: Uint8Array,
  deps: { readonly curve: CurveBackend; readonly bls: BlsBackend },
): Promise<OpenedLedger> {
  const genesis = tryDecode(decodeGenesis, genesisBytes);
  if (!genesis.ok) throw new Refusal("bad_genesis", `the genesis cannot be read: ${genesis.reason}`);
  const stored = store.tip();
  if (stored === undefined) {
    const made = genesisTip(deps, genesis.value);
    if (!made.ok) throw genesisRefusal(genesis.value, made.rule);
    await store.commit(blockCommit(made, made.block, EMPTY_CERTIFICATE));
    return { tip: made.tip, certificate: undefined, boundary: await findBoundary(store, made.tip) };
  }
  const tip = await withRecentIds(store, decodeLedgerTip(stored));
  if (!equalBytes(tip.chain.genesisHash, genesisHash(genesis.value))) {
    throw new Refusal("other_genesis", "the database belongs to another genesis");
  }
  const boundary = await findBoundary(store, tip);
  if (tip.header.height === 0) return { tip, certificate: undefined, boundary };
  const certificate = await store.certificate(tip.header.height);
  if (certificate === undefined) throw new Refusal("database_damaged", "the database lacks its last certificate");
  return { tip, certificate: decodeCertificate(certificate), boundary };
}

function genesisRefusal({ params }: Genesis, rule: RuleNumber): Refusal {
  const faulty = faultyParam(params);
  if (faulty === undefined) return new Refusal("bad_genesis", `the genesis breaks ${rule}`);
  return new Refusal("bad_parameter", `the genesis breaks ${rule}: no chain can run with ${faulty} ${params[faulty]}`);
}

/**
 * RP-5: a tip from before red packets has no ids of recent blocks. They are those of the stored headers, of all that work
 * may name: a node that knew fewer than others would refuse blocks that they accept.
 */
async function withRecentIds(store: FullNodeStore, tip: LedgerTip): Promise<LedgerTip> {
  const { chain, header: newest, blockId: newestId } = tip;
  const count = Math.min(chain.params.claimRefWindow, newest.height + 1);
  if (tip.recentIds.length === count) return tip;
  const ids = [newestId];
  for (let header = newest; ids.length < count;) {
    ids.unshift(header.prev);
    if (ids.length === count) break;
    const bytes = await store.header(height(header.height - 1));
    if (bytes === undefined) throw new Refusal("database_damaged", "the database lacks its last headers");
    header = decodeHeader(bytes);
  }
  return { ...tip, recentIds: ids };
}

/** Walks down from the tip: an epoch is short enough, and its end may lie before the last restart. */
async function findBoundary(store: FullNodeStore, tip: LedgerTip): Promise<BoundaryBlock> {
  for (let at: number = tip.header.height; at >= 0; at--) {
    const bytes = await store.header(height(at));
    if (bytes === undefined) break;
    const header = decodeHeader(bytes);
    if (isBoundary(header)) return { height: header.height, blockId: blockId(header), time: header.time };
  }
  throw new Refusal("database_damaged", "the database lacks the last boundary");
}
