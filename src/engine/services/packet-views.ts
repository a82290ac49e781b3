import type { ClaimView } from "../../api/packets.ts";
import { readShareAmount } from "../../core/red-packet/packet-secrets.ts";
import type { ClaimState, PacketClaim } from "../../core/wallet/packet-claim.ts";
import type { ScanKeys } from "../../core/wallet/keys.ts";
import { sayingOf } from "./packet-links.ts";
import { claimName } from "./packet-names.ts";

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

/** Whoever has the link can read all amounts, as the packet states them. */
function rankOf({ core, linkSecret, share }: PacketClaim): number | undefined {
  const amounts = core.shares.map(({ amountEnc }, slot) => readShareAmount(linkSecret, slot, amountEnc) ?? 0n);
  if (amounts.every((each) => each === amounts[0])) return undefined;
  return 1 + amounts.filter((each) => each > share!.amount).length;
}
