import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tryDecode } from "../../../../src/core/bytes/decode-error.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { decodeLogEntry, encodeLogEntry, type LogEntry } from "../../../../src/core/consensus/consensus-log.ts";
import { emptySignerGuard, enterRound, guardSigning } from "../../../../src/core/consensus/signer-guard.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { VALIDATORS_MAX } from "../../../../src/core/params/limits.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { LoneValidator, NIL } from "../../../support/lone-validator.ts";
import { runs } from "../../../support/run-counts.ts";

/** Two rounds with everything a log can hold: own proposals, votes, a lock, a valid value. */
function busyRun(): { lone: LoneValidator; a: ReturnType<LoneValidator["propose"]> } {
  const lone = LoneValidator.started({ proposers: [1, 0, 2] });
  const a = lone.propose(lone.header(0, 0xa), 0, -1);
  lone.votes("prevote", 0, [1, 2], a);
  lone.votes("precommit", 0, [1, 2], NIL);
  lone.fire("precommit", 0);
  lone.votes("prevote", 1, [1, 2], NIL);
  lone.fire("prevote", 1);
  return { lone, a };
}

/** The same validator after a crash that left `log`. */
function restarted(lone: LoneValidator, log: readonly Uint8Array[]): LoneValidator {
  const again = new LoneValidator(lone.setup);
  again.now = lone.now;
  again.start({ log });
  return again;
}

describe("signer guard", () => {
  const place = { height: height(3), round: 1, type: "prevote" } as const;
  const [left, right] = [hash32("left"), hash32("right")];

  it("[CO-14] refuses a second, different message for one place and allows the same again", () => {
    const guard = guardSigning(emptySignerGuard(height(3)), place, left)!;
    expect(guardSigning(guard, place, left)).toBe(guard);
    expect(guardSigning(guard, place, right)).toBeUndefined();
    expect(guardSigning(guard, { ...place, round: 2 }, right)).toBeDefined();
    expect(guardSigning(guard, { ...place, type: "precommit" }, right)).toBeDefined();
  });

  it("[CO-14] refuses every other height", () => {
    expect(guardSigning(emptySignerGuard(height(3)), { ...place, height: height(2) }, left)).toBeUndefined();
  });

  it("[CO-14] a round that is over is forgotten, and nothing is signed in it again", () => {
    const signed = guardSigning(emptySignerGuard(height(3)), place, left)!;
    const guard = guardSigning(signed, { ...place, round: 2 }, left)!;
    const entered = enterRound(guard, 2);
    expect([...entered.signed.keys()]).toEqual([2]);
    for (const message of [left, right]) expect(guardSigning(entered, place, message)).toBeUndefined();
    expect(guardSigning(entered, { ...place, round: 2 }, right)).toBeUndefined();
    expect(enterRound(entered, 1)).toBe(entered);
  });

  it("[CO-14] a height of any number of rounds holds what was signed in the last one", () => {
    const lone = LoneValidator.started();
    for (let round = 0; round < 100; round++) {
      lone.fire("propose", round);
      lone.votes("prevote", round, [1, 2, 3], NIL);
      lone.votes("precommit", round, [1, 2, 3], NIL);
      lone.fire("precommit", round);
    }
    expect(lone.state.round).toBe(100);
    expect(lone.sent().length).toBeGreaterThanOrEqual(200);
    expect(lone.state.guard).toMatchObject({ round: 100, signed: new Map() });
  });

  it("[CO-14] below the height it signs from, a validator watches and writes nothing", () => {
    const lone = LoneValidator.started({ signsFrom: 2 });
    expect(lone.state.seat).toBeUndefined();
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [1, 2, 3], a);
    expect(lone.sent()).toEqual([]);
    expect([...lone.of("write-log"), ...lone.of("store-block")]).toEqual([]);
    lone.votes("precommit", 0, [1, 2, 3], a);
    expect(lone.of("decide")).toHaveLength(1);
    lone.start({ height: height(2) });
    expect(lone.state.seat).toBe(0);
  });

  it("[CO-14] learns from peers what this key signed before its log was lost", () => {
    const lone = LoneValidator.started();
    lone.receive(lone.vote("prevote", 0, 0, hash32("test/before")));
    lone.propose(lone.header(0), 0, -1);
    expect(lone.sent()).toEqual([]);
  });
});

describe("log", () => {
  it("[CO-14] every own message, lock and valid value is written before it is sent", () => {
    const { lone, a } = busyRun();
    const order = lone.effects.flatMap((effect) => {
      if (effect.type === "store-block") return ["store"];
      if (effect.type === "write-log") return [`log ${decodeLogEntry(effect.entry).type}`];
      if (effect.type === "send" && effect.message.type !== "have-set") return [`send ${effect.message.type}`];
      return [];
    });
    const vote = ["log vote", "send vote"];
    const lock = ["store", "log polka", "log lock", "log valid"];
    expect(order).toEqual([...vote, ...lock, ...vote, "log proposal", "send proposal", ...vote, ...vote]);
    expect(lone.sent({ a })).toEqual([
      "prevote 0 a",
      "precommit 0 a",
      "proposal(0) 1 a",
      "prevote 1 a",
      "precommit 1 nil",
    ]);
  });

  it("[CO-14] a restart at any line sends the messages of its round again, byte for byte", () => {
    const { lone } = busyRun();
    const log = lone.of("write-log").map((effect) => effect.entry);
    for (let lines = 1; lines <= log.length; lines++) {
      const kept = log.slice(0, lines);
      const again = restarted(lone, kept);
      const newest = Math.max(...kept.map((bytes) => roundOf(decodeLogEntry(bytes))));
      const expected = kept.map(decodeLogEntry).flatMap((entry) => {
        if (entry.type === "vote" && entry.vote.round === newest) return [formatHex(entry.vote.signature)];
        return entry.type === "proposal" && entry.proposal.round === newest
          ? [formatHex(entry.proposal.signature)]
          : [];
      });
      const sent = again.of("send").flatMap(({ message }) => {
        if (message.type === "vote") return [formatHex(message.vote.signature)];
        return message.type === "proposal" ? [formatHex(message.proposal.signature)] : [];
      });
      expect(sent).toEqual(expected);
    }
  });

  it("[CO-14] a restart keeps lock, valid value, round and step, and asks for the block to be judged again", () => {
    const { lone, a } = busyRun();
    const again = restarted(
      lone,
      lone.of("write-log").map((effect) => effect.entry),
    );
    expect(again.state).toMatchObject({
      round: 1,
      step: "precommit",
      locked: { round: 0, blockId: a },
      valid: { round: 0 },
    });
    expect(again.of("validate-block")).toMatchObject([{ blockId: a, from: undefined }]);
    expect(again.of("store-block")).toEqual([]);
  });

  it("[CO-14] a restart keeps the prevotes a lock rests on: others need them to check it", () => {
    const { lone, a } = busyRun();
    const again = restarted(
      lone,
      lone.of("write-log").map((effect) => effect.entry),
    );
    const held = again.state.rounds.get(0)!.prevotes.verified;
    expect(held.map((votes) => votes.map(({ blockId }) => formatHex(blockId)))).toEqual([
      ...[0, 1, 2].map(() => [formatHex(a)]),
      [],
    ]);
    const none = again.state.validators.map(() => false);
    const set = { height: height(1), round: 0, isProposalKnown: true, prevotes: none, precommits: none };
    again.forget();
    again.step({ type: "have-set-received", now: timeMs(again.now), set, from: "p" });
    const given = again.sent({ a }).filter((text) => text.startsWith("prevote 0"));
    expect(given).toEqual(["prevote 0 a", "prevote 0 a", "prevote 0 a"]);
  });

  it("[CO-14] of the prevotes of a round the log keeps those for the block that is locked", () => {
    const lone = LoneValidator.started();
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [3], NIL);
    lone.receive(lone.vote("prevote", 0, 1, NIL));
    lone.votes("prevote", 0, [1, 2], a);
    const entries = lone.of("write-log").map((effect) => decodeLogEntry(effect.entry));
    const [votes] = entries.flatMap((entry) => (entry.type === "polka" ? [entry.votes] : []));
    expect(votes!.map(({ validator }) => validator)).toEqual([0, 1, 2]);
    expect(votes!.every(({ blockId }) => formatHex(blockId) === formatHex(a))).toBe(true);
  });

  it("[CO-14] a crash between lock and precommit: the prevotes of the log are enough to precommit", () => {
    const { lone, a } = busyRun();
    const log = lone.of("write-log").map((effect) => effect.entry);
    const again = restarted(lone, log.slice(0, 4));
    again.forget();
    again.validate(a, true);
    expect(again.sent({ a })).toEqual(["precommit 0 a"]);
  });

  it("[CO-14] a lock alone is enough to ask for its block", () => {
    const { lone, a } = busyRun();
    const log = lone.of("write-log").map((effect) => effect.entry);
    const again = restarted(lone, log.slice(0, 3));
    expect(again.state).toMatchObject({
      round: 0,
      step: "prevote",
      locked: { round: 0, blockId: a },
      valid: undefined,
    });
    expect(again.of("validate-block")).toMatchObject([{ blockId: a }]);
  });

  it("[CO-14] whatever comes after a restart, nothing contradicts the log", () => {
    const { lone } = busyRun();
    const log = lone.of("write-log").map((effect) => effect.entry);
    const before = new Map(lone.sent().map((text) => [text.replace(/ \S+$/, ""), text]));
    for (let lines = 1; lines <= log.length; lines++) {
      const again = restarted(lone, log.slice(0, lines));
      again.forget();
      const b = again.propose(again.header(0, 0xb), 0, -1);
      again.votes("prevote", 0, [1, 2, 3], b);
      again.fire("propose", 0);
      again.fire("prevote", 0);
      for (const text of again.sent({ b })) {
        const place = text.replace(/ \S+$/, "");
        const isLogged = log
          .slice(0, lines)
          .map(decodeLogEntry)
          .some((entry) => placeOf(entry) === place);
        expect(isLogged, `${text} after ${lines} lines of ${[...before.values()].join()}`).toBe(false);
      }
    }
  });

  it("[CO-14] lines of another height are left alone, a damaged line stops the validator", () => {
    const { lone } = busyRun();
    const log = lone.of("write-log").map((effect) => effect.entry);
    const other = new LoneValidator(lone.setup);
    other.start({ height: height(2), log });
    expect(other.state).toMatchObject({ height: 2, round: 0, locked: undefined });
    expect(() => restarted(lone, [log[0]!.slice(1)])).toThrow();
  });

  it("[CO-14] a validator without a seat writes nothing and sends no vote", () => {
    const lone = LoneValidator.started({ seat: undefined });
    const a = lone.propose(lone.header(0), 0, -1);
    lone.votes("prevote", 0, [0, 1, 2], a);
    lone.votes("precommit", 0, [0, 1, 2], a);
    expect(lone.sent()).toEqual([]);
    expect(lone.of("write-log")).toEqual([]);
    expect(lone.of("decide")).toHaveLength(1);
  });

  it("[EN-4] [CO-14] decoding a line is total, and what decodes has one encoding", () => {
    const { lone } = busyRun();
    const lines = lone.of("write-log").map((effect) => effect.entry);
    lines.push(encodeLogEntry({ type: "block", block: new Uint8Array([1, 2, 3]) }));
    const hostile = fc
      .tuple(fc.constantFrom(...lines), fc.nat(), fc.nat(255), fc.nat(4))
      .map(([line, at, value, cut]) => {
        const bytes = line.slice(0, line.length - (value % 3 === 0 ? cut : 0));
        if (bytes.length > 0) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.uint8Array({ maxLength: 800 })), (bytes) => {
        const entry = tryDecode(decodeLogEntry, bytes);
        if (entry.ok) expect(formatHex(encodeLogEntry(entry.value))).toBe(formatHex(bytes));
      }),
      { numRuns: runs(10_000, 1_000_000) },
    );
    for (const line of lines) expect(encodeLogEntry(decodeLogEntry(line))).toEqual(line);
  });

  it("[EN-3] [CO-14] a polka has votes, and VALIDATORS_MAX at most", () => {
    const { lone } = busyRun();
    const entries = lone.of("write-log").map((effect) => decodeLogEntry(effect.entry));
    const [vote] = entries.flatMap((entry) => (entry.type === "polka" ? entry.votes : []));
    const polka = (count: number): Uint8Array =>
      encodeLogEntry({ type: "polka", votes: Array.from({ length: count }, () => vote!) });
    expect(tryDecode(decodeLogEntry, polka(VALIDATORS_MAX)).ok).toBe(true);
    for (const count of [0, VALIDATORS_MAX + 1]) expect(tryDecode(decodeLogEntry, polka(count)).ok).toBe(false);
  });
});

function roundOf(entry: LogEntry): number {
  if (entry.type === "vote") return entry.vote.round;
  return entry.type === "proposal" ? entry.proposal.round : -1;
}

function placeOf(entry: LogEntry): string {
  if (entry.type === "vote") return `${entry.vote.type} ${entry.vote.round}`;
  return entry.type === "proposal" ? `proposal(${entry.proposal.validRound}) ${entry.proposal.round}` : "";
}
