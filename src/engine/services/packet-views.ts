import type { ClaimView } from "../../api/packets.ts";
import { isEvenSplit } from "../../core/values/even-split.ts";
import { readShareAmount } from "../../core/red-packet/packet-secrets.ts";
import type { ClaimState, PacketClaim } from "../../core/wallet/packet-claim.ts";
import { amount, type Amount } from "../../core/values/amount.ts";
import type { ScanKeys } from "../../core/wallet/keys.ts";
import { sayingOf } from "./packet-links.ts";
import { claimName } from "./packet-names.ts";
import type { PacketSecret } from "./packet-pictures.ts";

const STATES: Readonly<Record<ClaimState, ClaimView["state"]>> = {
  made: "sending",
  sent: "sending",
  pending: "drawing",
  drawn: "won",
  empty: "empty",
  expired: "expired",
  refused: "refused",
};

export function viewClaim(view: ScanKeys, claim: PacketClaim): ClaimView {
  const { core, linkSecret, packetLeaf, share, state } = claim;
  return {
    id: claimName(view, packetLeaf),
    state: STATES[state],
    amount: share?.amount,
    rank: share === undefined ? undefined : rankOf(claim),
    count: core.shares.length,
    ...sayingOf(core, linkSecret),
    timeMs: claim.settled?.timeMs ?? claim.createdMs,
  };
}

/** What each share of a packet holds, by its place: whoever has the link can read it, as the packet states it. */
export function readShares({ core, linkSecret }: PacketSecret): readonly Amount[] {
  return core.shares.map(({ amountEnc }, slot) => readShareAmount(linkSecret, slot, amountEnc) ?? amount(0n));
}

function rankOf(claim: PacketClaim): number | undefined {
  const { share } = claim;
  const amounts = readShares(claim);
  if (isEvenSplit(amounts)) return undefined;
  return 1 + amounts.filter((each) => each > share!.amount).length;
}
