import { describe, expect, it } from "vitest";
import { BAN_MS, Bans } from "../../../../src/net/peers/bans.ts";
import { BAN_POINTS, FAULT_POINTS, PeerScores } from "../../../../src/net/peers/peer-score.ts";
import { BANNED_NAMES_MAX, SCORED_NAMES_MAX } from "../../../../src/wire/limits.ts";

const MINUTE_MS = 60_000;

describe("scores of peers", () => {
  it("[NW-16] a block that is wrong is one too many, a wrong request or gossip only after a few", () => {
    const scores = new PeerScores();
    expect(scores.add("bad_block", ["a"], 0)).toBe(true);
    for (let count = 0; count < 4; count++) expect(scores.add("rejected_gossip", ["b"], 0)).toBe(false);
    expect(scores.add("rejected_gossip", ["b"], 0)).toBe(true);
    expect(scores.add("malformed_request", ["c"], 0)).toBe(false);
    expect(scores.points("d", 0)).toBe(0);
  });

  it("[NW-16] points fade, so that rare mistakes never add up", () => {
    const scores = new PeerScores();
    for (let minute = 0; minute < 600; minute += 5) {
      expect(scores.add("rejected_gossip", ["a"], minute * MINUTE_MS)).toBe(false);
    }
    scores.add("malformed_request", ["b"], 0);
    expect(scores.points("b", 5 * MINUTE_MS)).toBe(0);
  });

  it("[NW-16] many identities of one host share its points", () => {
    const scores = new PeerScores();
    const faults = ["a", "b", "c"].map((peer) => scores.add("malformed_request", [peer, "5.5.5.5"], 0));
    expect(faults).toEqual([false, false, true]);
    expect(scores.points("c", 0)).toBe(FAULT_POINTS.malformed_request);
    expect(scores.points("5.5.5.5", 0)).toBeGreaterThanOrEqual(BAN_POINTS);
  });

  it("SCORED_NAMES_MAX: strangers cannot make it remember more", () => {
    const scores = new PeerScores();
    for (let index = 0; index <= SCORED_NAMES_MAX; index++) scores.add("too_many_requests", [`peer ${index}`], index);
    const remembered = (index: number): boolean => scores.points(`peer ${index}`, SCORED_NAMES_MAX) > 0;
    expect([0, 1, SCORED_NAMES_MAX].map(remembered)).toEqual([false, true, true]);
  });
});

describe("bans", () => {
  it("[NW-16] last ten minutes", () => {
    const bans = new Bans();
    bans.ban("a", 1_000);
    expect(bans.isBanned("a", 1_000 + BAN_MS - 1)).toBe(true);
    expect(bans.isBanned("b", 1_000)).toBe(false);
    expect(bans.isBanned("a", 1_000 + BAN_MS)).toBe(false);
    expect(BAN_MS).toBe(10 * MINUTE_MS);
  });

  it("BANNED_NAMES_MAX: of more, the one that would end first is forgotten", () => {
    const bans = new Bans();
    for (let index = 0; index <= BANNED_NAMES_MAX; index++) bans.ban(`peer ${index}`, index);
    expect([0, 1, BANNED_NAMES_MAX].map((index) => bans.isBanned(`peer ${index}`, 10))).toEqual([false, true, true]);
  });
});
