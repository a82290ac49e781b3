import { outputRangeContext } from "../core/crypto/range-proof.ts";
import type { RangeClaim } from "../core/crypto/range-proof-verifier.ts";
import { OUTPUT_TYPE } from "../core/chain/output.ts";
import { proposalMessage, VOTE_TYPE, voteMessage } from "../core/chain/vote.ts";
import { decodeLogEntry } from "../core/consensus/consensus-log.ts";
import type { FullNodeWrite } from "../core/machines/full-node-events.ts";
import type { ConsensusLogEntry, FullNodeStore } from "../core/ports/full-node-store.ts";
import type { CoinOutput } from "../core/state/execute-block.ts";
import { Refusal } from "./refusal.ts";
import type { SignerFile, SignerRecord } from "./storage/signer-file.ts";

/** What the proof thread needs of each coin. */
export function rangeClaims(chainId: number, coins: readonly CoinOutput[]): readonly RangeClaim[] {
  return coins.map(({ core, rangeProof }) => ({
    chainId,
    context: outputRangeContext(OUTPUT_TYPE.coin, core.oneTimeKey, core.ephemeralKey),
    commitments: [core.commitment],
    proof: rangeProof,
  }));
}

/**
 * Stores one step's writes: log entries first, in their order, then the block. Signatures are claimed in the signer
 * file too, after the log has them: a crash in between replays the same message, never another one (CO-14).
 */
export async function storeWrites(
  store: FullNodeStore,
  signerFile: SignerFile | undefined,
  chainId: number,
  writes: readonly FullNodeWrite[],
): Promise<void> {
  // Entries of one step go to disk in one batch: a vote costs one wait for the disk, not one a line.
  const entries = writes.filter((write) => write.type === "write-log");
  const [first] = entries;
  if (first !== undefined) {
    await store.appendLog(
      first.height,
      entries.map(({ entry }) => entry),
    );
  }
  for (const { entry } of entries) await claimEntry(signerFile, chainId, entry);
  for (const write of writes) if (write.type === "commit-block") await store.commit(write.commit);
}

/**
 * Before a start: the machine sends again what the log holds, and a log may have been written whose claim was cut off
 * by a crash or refused (CO-14).
 */
export async function claimLog(
  signerFile: SignerFile | undefined,
  chainId: number,
  log: readonly ConsensusLogEntry[],
): Promise<void> {
  for (const entry of log) await claimEntry(signerFile, chainId, entry);
}

async function claimEntry(
  signerFile: SignerFile | undefined,
  chainId: number,
  entry: ConsensusLogEntry,
): Promise<void> {
  const record = signerRecord(chainId, entry);
  if (record === undefined || signerFile === undefined || (await signerFile.claim(record))) return;
  // The database lost what the file remembers: going on would sign twice.
  throw new Refusal(
    "signed_before",
    "the signer file remembers another signature: run once without the key until the node has caught up",
  );
}

function signerRecord(chainId: number, entry: ConsensusLogEntry): SignerRecord | undefined {
  const decoded = decodeLogEntry(entry);
  if (decoded.type === "vote") {
    const { type, height, round, blockId } = decoded.vote;
    return { height, round, type, hash: voteMessage(chainId, VOTE_TYPE[type], height, round, blockId) };
  }
  if (decoded.type === "proposal") {
    const { height, round, validRound, blockId } = decoded.proposal;
    return { height, round, type: "proposal", hash: proposalMessage(chainId, height, round, validRound, blockId) };
  }
  return undefined;
}
