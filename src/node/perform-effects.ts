import { outputRangeContext } from "../core/crypto/range-proof.ts";
import type { RangeClaim } from "../core/crypto/range-proof-verifier.ts";
import { OUTPUT_TYPE } from "../core/chain/output.ts";
import { proposalMessage, VOTE_TYPE, voteMessage } from "../core/chain/vote.ts";
import { decodeLogEntry } from "../core/consensus/consensus-log.ts";
import type { FullNodeWrite } from "../core/machines/full-node-events.ts";
import type { ConsensusLogEntry, FullNodeStore } from "../core/ports/full-node-store.ts";
import type { CoinOutput } from "../core/state/execute-block.ts";
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
  for (const write of writes) {
    if (write.type === "commit-block") {
      await store.commit(write.commit);
      continue;
    }
    await store.appendLog(write.height, [write.entry]);
    const record = signerRecord(chainId, write.entry);
    if (record === undefined || signerFile === undefined) continue;
    // The database lost what the file remembers: going on would sign twice.
    if (!(await signerFile.claim(record))) throw new Error("refused to sign a second message for one place");
  }
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
