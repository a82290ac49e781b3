import { evidenceRoot } from "../chain/block.ts";
import { certificateHash } from "../chain/certificate.ts";
import { compactRoot, hashedEntry } from "../chain/compact-block.ts";
import { nextBeacon } from "../chain/beacon.ts";
import { blockId, type Header } from "../chain/header.ts";
import {
  encodeOutputCore,
  isCoinOutput,
  isProvenOutput,
  outputHash,
  type DrawnCore,
  type Output,
} from "../chain/output.ts";
import { outputsOf } from "../chain/transaction.ts";
import { encodeValidatorSet, validatorSetHash } from "../chain/validator-set.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { frontierRoot, merkleRoot } from "../crypto/merkle.ts";
import { addScalars } from "../crypto/scalar.ts";
import type { LeafRecord, LedgerChanges, LedgerReader } from "../ports/ledger-reader.ts";
import type { Hash } from "../values/hash.ts";
import { leafIndex, type Height, type LeafIndex } from "../values/height.ts";
import { auxRoot } from "./aux-records.ts";
import type { BlockContent } from "./block-content.ts";
import type { BlockOutcome } from "./block-outcome.ts";
import { applyPackets } from "./apply-packets.ts";
import { applyRecords } from "./apply-records.ts";
import { awardEvidence } from "./award-draw.ts";
import { sumBalances } from "./apply-rewards.ts";
import { rewrittenStakes } from "./apply-stakes.ts";
import { initialState, stateHashOf } from "./leaf-state.ts";
import { isEpochEndNext, nextEpoch, nextHeight, nextHistory, withRecentId, type LedgerTip } from "./ledger-tip.ts";
import { newTileLeaf, tileLeafOf, treeSource, type TileLeaf } from "./tree.ts";
import { updateTree } from "./update-tree.ts";

/** What a block makes: by its transactions, or by itself. */
type BlockOutput = Output | { readonly core: DrawnCore };

/** New outputs with their numbers, in block order (BL-2). */
export interface NewLeaves {
  readonly records: ReadonlyMap<LeafIndex, LeafRecord>;
  /** The same as leaves of the tree. */
  readonly tileLeaves: ReadonlyMap<LeafIndex, TileLeaf>;
  readonly cores: ReadonlyMap<LeafIndex, Uint8Array>;
  readonly payloads: ReadonlyMap<LeafIndex, Uint8Array>;
  readonly rangeProofs: ReadonlyMap<LeafIndex, Uint8Array>;
}

/** Gives new outputs their numbers; `hashes` are their out_hashes. */
export function assignLeaves(
  firstLeaf: number,
  blockHeight: Height,
  outputs: readonly BlockOutput[],
  hashes: readonly Hash[],
): NewLeaves {
  const records = new Map<LeafIndex, LeafRecord>();
  const tileLeaves = new Map<LeafIndex, TileLeaf>();
  const payloads = new Map<LeafIndex, Uint8Array>();
  const rangeProofs = new Map<LeafIndex, Uint8Array>();
  outputs.forEach((output, index) => {
    const leaf = leafIndex(firstLeaf + index);
    const { core } = output;
    const record = { height: blockHeight, core: encodeOutputCore(core), stateFields: initialState(core) };
    records.set(leaf, record);
    tileLeaves.set(leaf, newTileLeaf(leaf, record, core, hashes[index]!));
    if (isCoinOutput(output)) payloads.set(leaf, output.payload);
    if (isProvenOutput(output)) rangeProofs.set(leaf, output.rangeProof);
  });
  const cores = new Map([...records].map(([leaf, record]) => [leaf, record.core]));
  return { records, tileLeaves, cores, payloads, rangeProofs };
}

/** Changes of leaves and the tree nodes above them; `rewritten` are live leaves in a new state (BL-3). */
export function applyLeaves(
  reader: LedgerReader,
  spent: Iterable<LeafIndex>,
  created: Pick<NewLeaves, "records" | "tileLeaves">,
  rewritten: ReadonlyMap<LeafIndex, LeafRecord>,
): { readonly changes: LedgerChanges; readonly root: ReturnType<typeof updateTree>["root"] } {
  const leaves = new Map<LeafIndex, LeafRecord | undefined>();
  const changed = new Map<LeafIndex, TileLeaf | undefined>();
  for (const leaf of spent) {
    leaves.set(leaf, undefined);
    changed.set(leaf, undefined);
  }
  for (const [leaf, record] of rewritten) {
    leaves.set(leaf, record);
    changed.set(leaf, tileLeafOf(leaf, record));
  }
  for (const [leaf, record] of created.records) leaves.set(leaf, record);
  for (const [leaf, made] of created.tileLeaves) changed.set(leaf, made);
  const { root, nodes, tiles } = updateTree(treeSource(reader), changed);
  return { changes: { leaves, nodes, tiles }, root };
}

/**
 * Everything a block with this content does, its header included. Executing compares that header with the block's,
 * building takes it: one path, so a proposer cannot make what others refuse. The content has been checked.
 */
export function applyBlock(
  curve: CurveBackend,
  tip: LedgerTip,
  reader: LedgerReader,
  content: BlockContent,
): BlockOutcome {
  const { header: parent, chain } = tip;
  const blockHeight = nextHeight(tip);
  const transactions = content.transactions.map(({ transaction }) => transaction);
  // BL-2: what packets give comes first.
  const drawn = content.packets.outputs;
  const made: readonly BlockOutput[] = [...drawn.map((core) => ({ core })), ...transactions.flatMap(outputsOf)];
  const beacon = nextBeacon(parent.beacon, content.beaconSignature);
  const after = applyRecords(curve, tip, reader, { ...content, beacon, outputCount: made.length });
  const outputs: readonly BlockOutput[] = [...made, ...after.implicit.map((core) => ({ core }))];
  const hashes = [
    ...drawn.map(outputHash),
    ...content.transactions.flatMap(({ outputHashes }) => outputHashes),
    ...after.implicit.map(outputHash),
  ];
  const created = assignLeaves(parent.nextLeaf, blockHeight, outputs, hashes);
  const packets = applyPackets(tip, reader, content);
  const stakes = rewrittenStakes(reader, tip.stakes, after.stakes);
  const rewritten = new Map([...stakes, ...packets.rewritten].sort(([left], [right]) => left - right));
  const spent = new Set([...content.spent, ...packets.gone]);
  const { changes, root } = applyLeaves(reader, spent, created, rewritten);
  const compact = {
    height: blockHeight,
    firstLeaf: leafIndex(parent.nextLeaf),
    entries: outputs.map(({ core }, index) => hashedEntry(core, hashes[index]!)),
    spent: [...spent].sort((left, right) => left - right),
    changed: [...rewritten].map(([leaf, { stateFields }]) => {
      return { leaf, state: stateHashOf(stakes.has(leaf) ? "stake" : "packet", stateFields) };
    }),
  };
  const isEpochEnd = isEpochEndNext(tip);
  const history = nextHistory(tip);
  const txids = content.transactions.map(({ txid }) => txid);
  const header: Header = {
    chainId: chain.chainId,
    height: blockHeight,
    round: content.round,
    time: content.time,
    epoch: nextEpoch(tip),
    isEpochEnd,
    proposer: content.proposer,
    prev: tip.blockId,
    txsRoot: merkleRoot(txids),
    compactRoot: compactRoot(compact),
    utxoRoot: root,
    histRoot: frontierRoot(history),
    valHash: parent.nextValHash,
    nextValHash: validatorSetHash(after.validators),
    paramsHash: parent.paramsHash,
    auxRoot: auxRoot(after.aux),
    lastCertHash: certificateHash(content.lastCertificate),
    evidenceRoot: evidenceRoot(content.evidence),
    nextLeaf: parent.nextLeaf + outputs.length,
    liveCount: parent.liveCount + outputs.length - spent.size,
    minted: parent.minted + after.minted,
    burned: parent.burned + after.burned,
    accrued: sumBalances(after.aux.accounts),
    pot: after.pot,
    gammaAcc: transactions.reduce(
      (sum, each) => (each.kind === "transfer" ? addScalars(sum, each.gamma) : sum),
      parent.gammaAcc,
    ),
    beacon,
    beaconSignature: content.beaconSignature,
  };
  const id = blockId(header);
  const nextTip: LedgerTip = {
    chain,
    header,
    blockId: id,
    validators: tip.nextValidators,
    nextValidators: after.validators,
    epochSeed: isEpochEnd ? beacon : tip.epochSeed,
    aux: after.aux,
    stakes: after.stakes,
    packets: packets.packets,
    recentIds: withRecentId(tip, id),
    history,
  };
  const { cores, payloads, rangeProofs } = created;
  const isNewSet = after.validators !== tip.nextValidators;
  const validatorSet = isNewSet ? { hash: header.nextValHash, bytes: encodeValidatorSet(after.validators) } : undefined;
  const award = after.award && awardEvidence(tip, after.award, compact);
  return { tip: nextTip, changes, compact, cores, payloads, rangeProofs, award, txids, validatorSet };
}
