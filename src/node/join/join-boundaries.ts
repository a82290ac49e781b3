import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { tryDecode } from "../../core/bytes/decode-error.ts";
import { EMPTY_CERTIFICATE } from "../../core/chain/certificate.ts";
import { decodeGenesis } from "../../core/chain/genesis.ts";
import type { PeerId } from "../../core/ports/network-port.ts";
import { genesisTip } from "../../core/state/genesis-tip.ts";
import type { ChainConstants } from "../../core/state/ledger-tip.ts";
import { nextBoundary } from "../../core/sync/boundary-chain.ts";
import type { HeaderItem } from "../../core/sync/compact-item.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import { height } from "../../core/values/height.ts";
import { fetchBoundaries } from "../network/fetch-snapshot.ts";
import { Refusal } from "../refusal.ts";
import type { CertifiedBoundary } from "../storage/snapshot-import.ts";
import type { JoinParts } from "./join-snapshot.ts";
import type { SnapshotPeers } from "./snapshot-peers.ts";

/** What every join begins with: the genesis itself is a boundary, and the operator's block must be another. */
export interface JoinBeginning {
  readonly chain: ChainConstants;
  readonly genesis: TrustedHeader;
  /** The boundary up to which everything is stored; the genesis at first. */
  readonly last: TrustedHeader;
}

/** Opens the chain of boundaries where the database left it. Refuses a genesis that cannot be one, or is another's. */
export async function beginBoundaries({ store, genesis: bytes, curve, bls }: JoinParts): Promise<JoinBeginning> {
  const decoded = tryDecode(decodeGenesis, bytes);
  if (!decoded.ok) throw new Refusal("bad_genesis", `the genesis cannot be read: ${decoded.reason}`);
  const made = genesisTip({ curve, bls }, decoded.value);
  if (!made.ok) throw new Refusal("bad_genesis", `the genesis breaks ${made.rule}`);
  const { chain, header, blockId, nextValidators } = made.tip;
  const genesis = { header, blockId, nextValidators };
  const importer = store.joining();
  const [stored] = await importer.newestBoundaries(1);
  if (stored === undefined) {
    await importer.putBoundaries([{ ...genesis, certificate: EMPTY_CERTIFICATE }]);
    return { chain, genesis, last: genesis };
  }
  const known = await importer.boundaryHeader(0);
  if (known === undefined || !equalBytes(known.beacon, header.beacon))
    throw new Refusal("other_genesis", "the database belongs to another genesis");
  return { chain, genesis, last: stored };
}

/**
 * Follows the boundaries of all peers as far as they lead, each certified by the set of the one before, stored as they
 * come. Keys of long ago may be anybody's by now (LC-4): a chain that does not hold the operator's block is forgotten
 * down to the genesis, and the next peer is asked for another. Refuses with `no_snapshot` where nobody leads as far as
 * that block, `other_checkpoint` where all who do have none such.
 */
export async function followBoundaries(
  parts: JoinParts,
  peers: SnapshotPeers,
  { genesis, last: from }: JoinBeginning,
): Promise<void> {
  const { store, checkpoint } = parts;
  const importer = store.joining();
  let last = from;
  let hasOther = false;
  const isVouched = (): boolean => last.header.height >= checkpoint.height;
  const startOver = async (): Promise<void> => {
    await importer.dropBoundaries();
    last = genesis;
  };
  // What a kill has left was vouched for by another checkpoint, if by any.
  if (isVouched() && (await store.heightOfBlock(checkpoint.blockId)) !== checkpoint.height) await startOver();
  for (const peer of peers.list()) {
    // What others told before the checkpoint may be what is false: a peer answers for its own chain from the genesis on.
    let isOwn = last.header.height === 0;
    for (;;) {
      const { taken, fault } = await nextBoundaries(parts, peers, peer, last);
      if (fault === undefined) {
        if (taken.length === 0) break;
        await importer.putBoundaries(taken);
        last = taken.at(-1)!;
        continue;
      }
      if (isVouched()) {
        peers.lied(peer, fault.what);
        break;
      }
      await startOver();
      if (isOwn) {
        hasOther ||= fault.isOther;
        if (fault.isOther) peers.leave(peer, "its chain does not hold the checkpoint");
        else peers.lied(peer, fault.what);
        break;
      }
      isOwn = true;
    }
  }
  if (isVouched()) return;
  if (hasOther)
    throw new Refusal("other_checkpoint", `no peer has the checkpoint's block at the end of an epoch, height ${checkpoint.height}`); // prettier-ignore
  throw new Refusal("no_snapshot", `no peer leads as far as the checkpoint at height ${checkpoint.height}`);
}

/** Boundaries that follow, or why the peer's do not: they are wrong, or pass the checkpoint without holding it. */
interface NextBoundaries {
  readonly taken: readonly CertifiedBoundary[];
  readonly fault?: { readonly isOther: boolean; readonly what: string };
}

async function nextBoundaries(
  { network, bls, checkpoint }: JoinParts,
  peers: SnapshotPeers,
  peer: PeerId,
  start: TrustedHeader,
): Promise<NextBoundaries> {
  const from = height(start.header.height + 1);
  const items: readonly HeaderItem[] = (await peers.ask(peer, () => fetchBoundaries(network, peer, from))) ?? [];
  const taken: CertifiedBoundary[] = [];
  for (const item of items) {
    const before = taken.at(-1) ?? start;
    const next = nextBoundary(bls, before, item);
    if (next === undefined) return { taken, fault: { isOther: false, what: `boundary ${item.header.height}` } };
    const passes = before.header.height < checkpoint.height && next.header.height >= checkpoint.height;
    if (passes && !equalBytes(next.blockId, checkpoint.blockId))
      return { taken, fault: { isOther: true, what: `boundary ${item.header.height}` } };
    taken.push({ ...next, certificate: item.certificate });
  }
  return { taken };
}
