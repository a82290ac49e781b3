import type { CompactBlock } from "../chain/compact-block.ts";
import { encodeCompactBlock } from "../chain/compact-block.ts";
import { encodeBlock, type Block } from "../chain/block.ts";
import { encodeCertificate, type Certificate } from "../chain/certificate.ts";
import { encodeHeader, isBoundary } from "../chain/header.ts";
import type { BlockCommit } from "../ports/full-node-store.ts";
import type { LedgerChanges } from "../ports/ledger-reader.ts";
import type { Hash } from "../values/hash.ts";
import type { LeafIndex } from "../values/height.ts";
import { awardCommit, type AwardEvidence } from "./award-draw.ts";
import { encodeLedgerTip, type LedgerTip } from "./ledger-tip.ts";
import { encodeSnapshotTail } from "./snapshot.ts";

/** What one valid block does. Nothing is written: the store gets it once the block is final. */
export interface BlockOutcome {
  /** After the block. */
  readonly tip: LedgerTip;
  readonly changes: LedgerChanges;
  readonly compact: CompactBlock;
  /** Core bytes of every new output. */
  readonly cores: ReadonlyMap<LeafIndex, Uint8Array>;
  readonly payloads: ReadonlyMap<LeafIndex, Uint8Array>;
  readonly rangeProofs: ReadonlyMap<LeafIndex, Uint8Array>;
  /** What proves the draw of a week's pot in this block (AW-2). */
  readonly award: AwardEvidence | undefined;
  /** In block order. */
  readonly txids: readonly Hash[];
  /** The set of `nextValHash`, when this block changed it or is genesis. */
  readonly validatorSet: { readonly hash: Hash; readonly bytes: Uint8Array } | undefined;
}

/** A block and its effects as the store takes them, with the certificate that made it final. */
export function blockCommit(outcome: BlockOutcome, block: Block, certificate: Certificate): BlockCommit {
  const { tip, changes, compact, cores, payloads, rangeProofs, txids, validatorSet } = outcome;
  return {
    height: tip.header.height,
    blockId: tip.blockId,
    time: tip.header.time,
    tip: encodeLedgerTip(tip),
    header: encodeHeader(block.header),
    certificate: encodeCertificate(certificate),
    block: encodeBlock(block),
    compact: encodeCompactBlock(compact),
    changes,
    payloads,
    rangeProofs,
    cores,
    txids,
    validatorSet,
    award: outcome.award && awardCommit(outcome.award, tip, block.lastCertificate, certificate),
    boundary: isBoundary(tip.header)
      ? { nextLeaf: tip.header.nextLeaf, keepCount: tip.chain.params.snapshotKeepEpochs, tail: encodeSnapshotTail(tip) }
      : undefined,
  };
}
