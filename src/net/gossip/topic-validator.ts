import type { PeerId, Verdict } from "../../core/ports/network-port.ts";
import { GOSSIP_JUDGING_PER_PEER_MAX } from "../../wire/limits.ts";

export type Judge = (bytes: Uint8Array, from: PeerId) => Promise<Verdict>;

/**
 * Bounds what reaches a judge: size before anything else, then how much of one peer is being judged at once.
 * A judge that throws is a defect of ours and must not cost the sender: the message is ignored.
 */
export function boundJudge(bytesMax: number, judge: Judge): Judge {
  const judging = new Map<PeerId, number>();
  return async (bytes, from) => {
    if (bytes.length > bytesMax) return { verdict: "reject", reason: "too_large" };
    const running = judging.get(from) ?? 0;
    if (running >= GOSSIP_JUDGING_PER_PEER_MAX) return { verdict: "ignore", reason: "too_many" };
    judging.set(from, running + 1);
    try {
      return await judge(bytes, from);
    } catch {
      return { verdict: "ignore", reason: "judge_failed" };
    } finally {
      const left = (judging.get(from) ?? 1) - 1;
      if (left === 0) judging.delete(from);
      else judging.set(from, left);
    }
  };
}
