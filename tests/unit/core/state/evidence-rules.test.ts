import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { Block } from "../../../../src/core/chain/block.ts";
import { decodeBlock, encodeBlock } from "../../../../src/core/chain/block.ts";
import { devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import type { Evidence } from "../../../../src/core/chain/evidence.ts";
import { VOTE_TYPE } from "../../../../src/core/chain/vote.ts";
import { BLOCK_EVIDENCE_MAX } from "../../../../src/core/params/limits.ts";
import { seatsAt, withBoundary } from "../../../../src/core/state/seat-history.ts";
import { epoch, height, timeMs } from "../../../../src/core/values/height.ts";
import { certificates, liar, proposals, votes } from "../../../support/evidence.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { accountAt, expectSound, isInSet, makingNothing, stateOf, withAccount } from "../../../support/stake-ledger.ts";

function world(label: string, params = {}) {
  const builder = new LedgerBuilder({ label, validatorCount: 5, params: { weekEpochs: 50, ...params } });
  builder.extend();
  builder.extend();
  return builder;
}

/** The rule that a block with this evidence breaks, whose roots follow from it if it is right. */
function ruleOf(builder: LedgerBuilder, evidence: readonly Evidence[]): string {
  const block = builder.build([], { evidence });
  if (block.evidence.length === evidence.length) {
    const result = builder.execute(decodeBlock(encodeBlock(block)));
    return result.ok ? "kept" : result.rule;
  }
  const forced: Block = { ...block, evidence };
  const result = builder.execute(forced);
  return result.ok ? "kept" : result.rule;
}

describe("evidence in a block", () => {
  const builder = world("evidence");

  it("[ST-4] of every kind convicts", () => {
    expect(ruleOf(builder, [votes(builder)])).toBe("kept");
    expect(ruleOf(builder, [votes(builder, { voteType: VOTE_TYPE.prevote, round: 7 })])).toBe("kept");
    expect(ruleOf(builder, [proposals(builder, [-1, -1], [1, 2])])).toBe("kept");
    expect(ruleOf(builder, [proposals(builder, [-1, 2], [1, 1])])).toBe("kept");
    expect(ruleOf(builder, [certificates(builder, [0, 1, 2, 3], [1, 2, 3, 4])])).toBe("kept");
  });

  it("[ST-4] by two certificates convicts every key in both, and nobody else", () => {
    const own = world("certificates");
    own.extend([], { evidence: [certificates(own, [0, 1, 2, 3], [1, 2, 3, 4])] });
    const statuses = own.tip.validators.map(({ blsKey }) => accountAt(own, own.seedOf(blsKey))!.status);
    expect(statuses).toEqual(["ok", "slash-due", "slash-due", "slash-due", "ok"]);
  });

  it("[ST-4] is refused where nothing contradicts", () => {
    const twice = votes(builder, { names: [1, 1] });
    expect(ruleOf(builder, [twice])).toBe("ST-4");
    expect(ruleOf(builder, [proposals(builder, [-1, -1], [1, 1])])).toBe("ST-4");
  });

  it("[ST-4] is refused with a signature of another key, place, type or chain", () => {
    const good = votes(builder);
    const other = votes(builder, { seed: devValidatorSeed(1) });
    if (good.kind !== "votes" || other.kind !== "votes") throw new Error("not votes");
    expect(ruleOf(builder, [{ ...good, blsKey: other.blsKey }])).toBe("ST-4");
    for (const place of [0, 1]) {
      const items = good.items.map((item, index) =>
        index === place ? { ...item, signature: other.items[index]!.signature } : item,
      ) as unknown as typeof good.items;
      expect(ruleOf(builder, [{ ...good, items }])).toBe("ST-4");
    }
    expect(ruleOf(builder, [votes(builder, { signedAt: 1 })])).toBe("ST-4");
    expect(ruleOf(builder, [{ ...good, round: 1 }])).toBe("ST-4");
    expect(ruleOf(builder, [{ ...good, voteType: VOTE_TYPE.prevote }])).toBe("ST-4");
  });

  it("[ST-4] is refused for certificates below two thirds, of other seats, or that share nobody", () => {
    expect(ruleOf(builder, [certificates(builder, [0, 1, 2], [1, 2, 3, 4])])).toBe("ST-4");
    const good = certificates(builder, [0, 1, 2, 3], [1, 2, 3, 4]);
    if (good.kind !== "certificates") throw new Error("not certificates");
    const [first, second] = good.items;
    const signers = first.certificate.signers.slice(0, 4);
    const cut = { ...good, items: [{ ...first, certificate: { ...first.certificate, signers } }, second] as const };
    expect(ruleOf(builder, [cut])).toBe("ST-4");
  });

  it("[ST-4] is of a height that has a set: from 1 to the block's own", () => {
    const next = builder.tip.header.height + 1;
    expect(ruleOf(builder, [votes(builder, { at: 1 })])).toBe("kept");
    expect(ruleOf(builder, [votes(builder, { at: next })])).toBe("kept");
    expect(ruleOf(builder, [votes(builder, { at: 0 })])).toBe("ST-4");
    expect(ruleOf(builder, [votes(builder, { at: next + 1 })])).toBe("ST-4");
  });

  it("[ST-4] is of a key in the set of that height, not of another's", () => {
    expect(ruleOf(builder, [votes(builder, { seed: devValidatorSeed(9) })])).toBe("ST-4");
    const later = new LedgerBuilder({ label: "late key", params: { weekEpochs: 50 } });
    const seed = devValidatorSeed(4);
    later.lock([later.stake(2_000_000_000n, seed)]);
    later.extendToBoundary();
    const first = later.tip.header.height + 1;
    later.extend();
    expect(isInSet(later, seed)).toBe(true);
    expect(ruleOf(later, [votes(later, { seed, at: first })])).toBe("kept");
    expect(ruleOf(later, [votes(later, { seed, at: first - 1 })])).toBe("ST-4");
  });

  it("[ST-4] is refused a millisecond past evidence_ms, counted from the boundary before its height", () => {
    const old = world("old", { evidenceMs: 50_000, epochMs: 1_000_000 });
    const genesisTime = old.tip.chain.genesisTime;
    old.extend([], { afterMs: genesisTime + 50_000 - old.tip.header.time });
    expect(old.tip.header.time).toBe(genesisTime + 50_000);
    expect(ruleOf(old, [votes(old)])).toBe("kept");
    const { tip } = old;
    old.tip = { ...tip, header: { ...tip.header, time: timeMs(tip.header.time + 1) } };
    expect(ruleOf(old, [votes(old)])).toBe("ST-4");
  });

  it("[ST-4] convicts a key once: not in the same block, not while a slash is due, not after it", () => {
    const [one, two] = [votes(builder), votes(builder, { round: 1 })];
    expect(ruleOf(builder, [one, two])).toBe("ST-4");
    const all = certificates(builder, [0, 1, 2, 3], [0, 1, 2, 3]);
    // Of several keys one that is free is enough; the others stay as they are.
    expect(ruleOf(builder, [one, all])).toBe("kept");
    for (const status of ["slash-due", "removed"] as const) {
      const convicted = world(`convicted ${status}`);
      withAccount(convicted, liar, { status });
      expect(ruleOf(convicted, [votes(convicted)])).toBe("ST-4");
    }
    const jailed = world("jailed");
    withAccount(jailed, liar, { status: "jailed" });
    expect(ruleOf(jailed, [votes(jailed)])).toBe("kept");
  });

  it("[ST-4] must be the evidence that the header names", () => {
    const block = builder.build([], { evidence: [votes(builder)] });
    expect(builder.execute({ ...block, evidence: [] })).toMatchObject({ ok: false });
    expect(builder.execute({ ...block, evidence: [votes(builder, { round: 5 })] })).toMatchObject({ rule: "ST-4" });
  });
});

describe("a key that is convicted", () => {
  it("[ST-4] [ST-7] has a slash due from the block on, pays at the next boundary, and the includer is who proposed", () => {
    const builder = world("convict");
    const [extra] = builder.lock([builder.stake(500_000_000n, liar)]);
    builder.extend([], { evidence: [votes(builder)] });
    const { header, nextValidators } = builder.tip;
    const includer = nextValidators[header.proposer]!.blsKey;
    expect(accountAt(builder, liar)).toMatchObject({ status: "slash-due", includer });
    expectSound(builder);
    expect(isInSet(builder, liar)).toBe(true);
    const rule = builder.ruleOf([builder.unjail(liar)]);
    expect(rule).toBe("ST-3");
    builder.extendToBoundary();
    expect(accountAt(builder, liar)!.status).toBe("removed");
    expect(isInSet(builder, liar)).toBe(false);
    expect(stateOf(builder, extra!).amount).toBe(475_000_000n);
    expect(builder.ruleOf([builder.unbond(extra!)])).toBe("kept");
    expectSound(builder);
  });

  it("[ST-4] [ST-7] by the boundary block itself pays a boundary later", () => {
    const builder = world("at boundary");
    builder.extend([], { afterMs: builder.tip.chain.params.epochMs });
    builder.extend([], { evidence: [votes(builder)] });
    expect(builder.tip.header.isEpochEnd).toBe(true);
    expect([accountAt(builder, liar)!.status, builder.tip.header.burned]).toEqual(["slash-due", 0n]);
    builder.extendToBoundary();
    expect(accountAt(builder, liar)!.status).toBe("removed");
    expectSound(builder);
  });

  it("[ST-4] [ST-3] at the boundary that would jail it goes out, and a slash stays due", () => {
    const builder = world("silent", { deadEpochs: 2 });
    builder.extendToBoundary();
    builder.extendToBoundary();
    builder.extend([], { afterMs: builder.tip.chain.params.epochMs });
    withAccount(builder, liar, { lastSignedEpoch: epoch(0) });
    builder.extend([], { evidence: [votes(builder)] });
    expect([accountAt(builder, liar)!.status, isInSet(builder, liar)]).toEqual(["slash-due", false]);
    builder.extendToBoundary();
    expect(accountAt(builder, liar)!.status).toBe("removed");
  });

  it("[ST-4] [TX-1] cannot take a released stake out in the very block", () => {
    const builder = world("escape", { unbondingMs: 1 });
    const [stake] = builder.lock([builder.stake(500_000_000n, liar)]);
    builder.extend([makingNothing(builder.unbond(stake!))]);
    builder.extendToBoundary();
    builder.extend();
    const { transaction } = builder.transfer([{ ...stake!, amount: stateOf(builder, stake!).amount }]);
    expect(builder.ruleOf([transaction])).toBe("kept");
    const block = builder.build([transaction]);
    const evidence = [votes(builder, { at: builder.tip.header.height })];
    const escape = { ...builder.build([], { evidence }), transactions: block.transactions };
    expect(builder.execute(escape)).toMatchObject({ ok: false, rule: "TX-1" });
  });
});

describe("what evidence is judged by", () => {
  it("[ST-4] is the boundary before the height, and what is older than evidence_ms is forgotten, but for the newest", () => {
    const builder = world("history", { evidenceMs: 150_000 });
    for (let count = 0; count < 4; count++) builder.extendToBoundary();
    const { seatHistory, tip } = builder;
    expect(seatHistory.length).toBeLessThan(5);
    for (const { time } of seatHistory) expect(tip.header.time - time).toBeLessThanOrEqual(150_000);
    const last = seatHistory.at(-1)!;
    expect(seatsAt(seatHistory, height(last.height + 1))).toBe(last);
    expect(seatsAt(seatHistory, last.height)).toBe(seatHistory.at(-2));
    expect(seatsAt(seatHistory, height(1))).toBeUndefined();
    const late = { ...tip, header: { ...tip.header, time: timeMs(tip.header.time + 10 ** 9) } };
    expect(withBoundary(seatHistory, late)).toHaveLength(1);
  });
});

describe("evidence in the bytes of a block", () => {
  const builder = world("held");

  it("[EN-3] a block holds BLOCK_EVIDENCE_MAX pieces and no more", () => {
    const block = builder.build([]);
    const full = {
      ...block,
      evidence: Array.from({ length: BLOCK_EVIDENCE_MAX }, (_, round) => votes(builder, { round })),
    };
    expect(decodeBlock(encodeBlock(full)).evidence).toHaveLength(BLOCK_EVIDENCE_MAX);
    const more = { ...full, evidence: [...full.evidence, votes(builder, { round: 99 })] };
    expect(() => decodeBlock(encodeBlock(more))).toThrow();
    expect(formatHex(encodeBlock(decodeBlock(encodeBlock(full))))).toBe(formatHex(encodeBlock(full)));
  });
});
