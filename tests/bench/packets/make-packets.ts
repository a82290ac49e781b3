import { PACKET_SLOTS_MAX } from "../../../src/core/params/limits.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { PACKET_PATH } from "../../../src/core/values/packet-link.ts";
import type { Phone } from "./phone.ts";

/** Of each share on average. */
const SHARE = 1_000_000n;

/** A packet with its link. */
export interface BenchPacket {
  readonly link: string;
  readonly shares: number;
  readonly total: bigint;
}

/** So many shares in as few packets as the ledger allows, of about the same size each. */
export function packetSizes(shares: number): readonly number[] {
  const count = Math.ceil(shares / PACKET_SLOTS_MAX);
  return Array.from({ length: count }, (_, index) => Math.floor((shares + index) / count));
}

/** The faucet pays the creator, who makes them one after the other. */
export async function makePackets(
  creator: Phone,
  url: string,
  shares: number,
  say: (line: string) => void,
): Promise<readonly BenchPacket[]> {
  const { accounts, packets, payments } = creator.client;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ address: await accounts.address({ fresh: false }) });
  const paid = await fetch(`${url}/faucet`, { method: "POST", headers, body });
  if (!paid.ok) throw new Error(`the faucet refused: ${await paid.text()}`);
  const made: BenchPacket[] = [];
  for (const count of packetSizes(shares)) {
    const total = amount(SHARE * BigInt(count));
    const draft = { kind: "lucky", total, count, lifeMs: undefined, greeting: "恭喜发财", password: "" } as const;
    const proposed = await creator.until(async () => {
      const result = await packets.propose({ ...draft, workBits: undefined, picture: undefined });
      if (result.ok) return result.proposal;
      // The coins of the one before are on their way back to him.
      if (["funds_busy", "insufficient_funds", "not_ready"].includes(result.code)) return undefined;
      throw new Error(`no packet: ${result.code}`);
    });
    const confirmed = await payments.confirm(proposed.proposalId);
    if (!confirmed.ok) throw new Error(`no packet: ${confirmed.code}`);
    const live = await creator.until(async () => {
      const views = (await packets.made()).filter(({ state }) => state === "live");
      return views.length > made.length ? views[0] : undefined;
    });
    const fragment = await packets.fragment(live.id);
    if (fragment === undefined) throw new Error("a packet without a link");
    made.push({ link: url + PACKET_PATH + fragment, shares: count, total });
    say(`packet ${made.length}: ${count} shares`);
  }
  return made;
}
