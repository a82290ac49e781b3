import { formatHex } from "../../core/bytes/hex.ts";
import { verifyCertificate } from "../../core/chain/certificate.ts";
import { blockId, type Header } from "../../core/chain/header.ts";
import { decodeValidatorSet, type ValidatorSet } from "../../core/chain/validator-set.ts";
import type { PeerId } from "../../core/ports/network-port.ts";
import type { HeaderItem } from "../../core/sync/compact-item.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import type { Hash } from "../../core/values/hash.ts";
import { fetchRecentHeaders, SnapshotFault } from "../network/fetch-snapshot.ts";
import type { JoinParts } from "./join-snapshot.ts";

/**
 * The blocks before a boundary whose ids work may name behind it (RP-5), ascending. The boundary holds their ids; their
 * certificates are checked as well, since whoever asks this node for them later is to find none that is false.
 */
export async function joinRecentHeaders(
  { network, store, bls }: JoinParts,
  peer: PeerId,
  boundary: Header,
  claimRefWindow: number,
): Promise<readonly HeaderItem[]> {
  const items = await fetchRecentHeaders(network, peer, boundary, claimRefWindow);
  const sets = new Map<string, ValidatorSet>();
  for (const { header, certificate } of items) {
    const { chainId, valHash } = header;
    const name = formatHex(valHash);
    const set = sets.get(name) ?? (await storedSet(store, valHash));
    sets.set(name, set);
    if (!verifyCertificate(bls, chainId, header.height, blockId(header), certificate, set))
      throw new SnapshotFault(`certificate of block ${header.height}`);
  }
  return items;
}

/** Of the boundaries from the genesis on all sets are stored. */
export async function storedSet(store: JoinParts["store"], valHash: Hash): Promise<ValidatorSet> {
  const set = await store.validatorSet(valHash);
  if (set === undefined) throw new Error("a boundary was stored without the set that certifies it");
  return decodeValidatorSet(set);
}

/** RP-5: the ids that work may name behind the boundary, its own last. */
export function recentIdsOf(
  recent: readonly HeaderItem[],
  { header, blockId: id }: TrustedHeader,
  claimRefWindow: number,
): readonly Hash[] {
  const below = [...recent.map((each) => each.header), header].map(({ prev }) => prev);
  return claimRefWindow === 0 ? [] : [...below, id].slice(-claimRefWindow);
}
