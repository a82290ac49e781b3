import { equalBytes } from "../core/bytes/compare-bytes.ts";
import { proposalMessage, VOTE_TYPE, voteMessage } from "../core/chain/vote.ts";
import { decodeLogEntry } from "../core/consensus/consensus-log.ts";
import type { FullNodeEffect, FullNodeWrite } from "../core/machines/full-node-events.ts";
import type { ConsensusLogEntry, FullNodeStore } from "../core/ports/full-node-store.ts";
import { rangeClaim, type SpendClaims } from "../core/state/spend-claims.ts";
import { height, type Height } from "../core/values/height.ts";
import { Refusal } from "./refusal.ts";
import { placeOf, type SignerFile, type SignerRecord } from "./storage/signer-file.ts";

/** What the proof thread needs of each output with a proof, or of a claim whose signatures or work are looked at. */
export function proofClaims(
  chainId: number,
  {
    coins,
    signed,
    work,
  }: Pick<Extract<FullNodeEffect, { readonly type: "verify-proofs" }>, "coins" | "signed" | "work">,
): readonly SpendClaims[] {
  const proofs = coins.map((coin) => ({ transfer: undefined, rangeProofs: [rangeClaim(chainId, coin)] }));
  const claims = [signed, work === undefined ? undefined : { work }].filter((each) => each !== undefined);
  return [...proofs, ...claims.map((each) => ({ transfer: undefined, rangeProofs: [], ...each }))];
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
  // Behind its block: what a crash in between leaves is evidence that convicts nobody any more, and a start drops it.
  const kept = writes.findLast((write) => write.type === "write-evidence");
  if (kept !== undefined) await store.keepEvidence(kept.encoded);
}

/** How a validator goes on after a start. */
export interface SigningStart {
  /** It only watches below this height. */
  readonly signsFrom: Height;
  /** What binds it at the height to come. */
  readonly log: readonly ConsensusLogEntry[];
}

/**
 * Before a start: the machine sends again what the log holds, and a log may have been written whose claim was cut off
 * by a crash. Where the file knows of signatures that the log does not, the database was lost or is an old copy, and
 * with it the locks that came with them: a vote in a later round could break those without signing anything twice. So
 * nothing is signed up to the greatest height of the file, and what the log holds there is not sent again (CO-14).
 */
export async function startSigning(
  signerFile: SignerFile,
  chainId: number,
  next: Height,
  log: readonly ConsensusLogEntry[],
): Promise<SigningStart> {
  const newest = signerFile.newest();
  const last = newest[0]?.height ?? -1;
  const logged = log.flatMap((entry) => signerRecord(chainId, entry) ?? []);
  const isKnown = last < next || (last === next && newest.every((record) => logged.some(isSame(record))));
  if (!isKnown || !isOneEach([...newest.filter(({ height: at }) => at === next), ...logged])) {
    return { signsFrom: height(Math.max(last, next) + 1), log: [] };
  }
  for (const entry of log) await claimEntry(signerFile, chainId, entry);
  return { signsFrom: next, log };
}

const isSame =
  (left: SignerRecord) =>
  (right: SignerRecord): boolean =>
    left.height === right.height && placeOf(left) === placeOf(right) && equalBytes(left.hash, right.hash);

/** Is there one signature for each place? */
function isOneEach(records: readonly SignerRecord[]): boolean {
  const byPlace = new Map(records.map((record) => [placeOf(record), record]));
  return records.every((record) => isSame(record)(byPlace.get(placeOf(record))!));
}

async function claimEntry(
  signerFile: SignerFile | undefined,
  chainId: number,
  entry: ConsensusLogEntry,
): Promise<void> {
  const record = signerRecord(chainId, entry);
  if (record === undefined || signerFile === undefined || (await signerFile.claim(record))) return;
  // Two processes with one key, or a fault of ours: going on would sign twice.
  throw new Refusal(
    "signed_before",
    "the signer file remembers another signature: the next start signs nothing up to the height of that one",
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
