import { describe, expect, it, vi } from "vitest";
import type { Claim } from "../../../../src/core/chain/claim.ts";
import type { Transaction } from "../../../../src/core/chain/transaction.ts";
import { admitCandidate, judgeTransaction } from "../../../../src/core/mempool/admit-transaction.ts";
import {
  chooseTransactions,
  EMPTY_MEMPOOL,
  insertEntry,
  MEMPOOL_TRANSACTIONS_MAX,
  removeAfterBlock,
  removeEntries,
  type Mempool,
  type MempoolEntry,
} from "../../../../src/core/mempool/mempool.ts";
import {
  claimEvictionsFor,
  PACKET_CLAIMS_SPARE,
  POOL_CLAIMS_MAX,
  POOL_TAKE_BACKS_MAX,
} from "../../../../src/core/mempool/pool-claims.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import type { LedgerReader } from "../../../../src/core/ports/ledger-reader.ts";
import type { NetworkParams } from "../../../../src/core/params/network-params.ts";
import { buildBlock } from "../../../../src/core/state/build-block.ts";
import { PacketReads } from "../../../../src/core/state/block-packets.ts";
import type { BlockOutcome } from "../../../../src/core/state/block-outcome.ts";
import { readPacket } from "../../../../src/core/state/live-packets.ts";
import { verifyClaims } from "../../../../src/core/state/spend-claims.ts";
import { AppendMap } from "../../../../src/core/values/append-map.ts";
import { leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { PACKET_LIFE_MS, PacketBuilder, type TestPacket } from "../../../support/packet-builder.ts";

const NOW = timeMs(1_700_000_005_000);

function start(label: string, params: Partial<NetworkParams> = {}) {
  const ledger = new LedgerBuilder({ label, params });
  const packets = new PacketBuilder(ledger);
  const judge = (mempool: Mempool, transaction: Transaction) => {
    const judged = judgeTransaction(ledger.deps, mempool, ledger.tip, ledger.ledger, transaction, NOW);
    return judged.verdict === "accept" ? judged.candidate : judged;
  };
  const admit = (mempool: Mempool, transaction: Transaction): Mempool => {
    const candidate = judge(mempool, transaction);
    if (!("entry" in candidate)) throw new Error(JSON.stringify(candidate));
    const admitted = admitCandidate(mempool, ledger.tip, ledger.ledger, candidate);
    if (admitted.verdict !== "accept") throw new Error(admitted.verdict);
    return admitted.mempool;
  };
  const claims = (packet: TestPacket, count: number) => Array.from({ length: count }, () => packets.claim(packet));
  const after = (mempool: Mempool, { txids, compact }: BlockOutcome) => {
    const rewritten = compact.changed.map(({ leaf }) => leaf);
    return removeAfterBlock(mempool, ledger.tip, ledger.ledger, { txids, spent: compact.spent, rewritten });
  };
  return { ledger, packets, judge, admit, claims, after };
}

/** A pool full of such entries, which share no place with anything else. */
function fillPool(entry: MempoolEntry): Mempool {
  const all = Array.from({ length: MEMPOOL_TRANSACTIONS_MAX }, (_, index) => {
    const txid = hash32("test", u32(index));
    return [formatHex(txid), { ...entry, txid }] as const;
  });
  return { ...EMPTY_MEMPOOL, entries: AppendMap.of(all) };
}

const made = (transactions: readonly Transaction[]) => transactions.map((transaction) => ({ transaction, makes: [] }));

describe("packets in a pool", () => {
  it("[EN-3] come in transfers for which an empty block has room, and no others: those would stay for ever", () => {
    const { ledger, packets, judge } = start("too heavy", { maxBlockOutputs: 10 });
    const shares = (count: number) => Array.from({ length: count }, (_, index) => BigInt(index + 1));
    const notes = ledger.notes.slice(0, 1);
    // Besides the change: 1 for the packet, 1 for each share.
    const fitting = packets.transfer([packets.make(shares(8))], notes).transaction;
    expect("entry" in judge(EMPTY_MEMPOOL, fitting)).toBe(true);
    expect(ledger.ruleOf([fitting])).toBe("kept");
    const larger = packets.transfer([packets.make(shares(9))], notes).transaction;
    expect(judge(EMPTY_MEMPOOL, larger)).toEqual({ verdict: "reject", rule: "EN-3" });
    expect(ledger.ruleOf([larger])).toBe("EN-3");
  });
});

describe("claims in a pool", () => {
  it("[RP-12] are held up to 16 beyond what is left of a packet, pending ones not counted as left", () => {
    const { ledger, packets, judge, admit, claims } = start("spare");
    const [packet] = packets.pack(packets.make([1n, 2n, 3n]));
    let mempool = claims(packet!, 3 + PACKET_CLAIMS_SPARE).reduce(admit, EMPTY_MEMPOOL);
    expect(mempool.claims.size).toBe(19);
    expect(judge(mempool, packets.claim(packet!))).toEqual({ verdict: "ignore", reason: "pool_full" });
    ledger.extend(made(claims(packet!, 2)));
    mempool = claims(packet!, 1 + PACKET_CLAIMS_SPARE).reduce(admit, EMPTY_MEMPOOL);
    expect(judge(mempool, packets.claim(packet!))).toEqual({ verdict: "ignore", reason: "pool_full" });
    ledger.extend(made(claims(packet!, 1)));
    expect(judge(EMPTY_MEMPOOL, packets.claim(packet!))).toEqual({
      verdict: "ignore",
      reason: "not_now",
      rule: "RP-5",
    });
  });

  it("[RP-12] are 512 in all: the one of the lowest f_claim goes for one that pays more, and for no other", () => {
    const { ledger, packets } = start("full");
    const live = packets.pack(packets.make([1n]), packets.make([1n], { claimFee: 30_000n }));
    const [cheap, dear] = live;
    const claim = packets.claim(dear!);
    const found = readPacket(ledger.ledger, dear!.leaf);
    let mempool = EMPTY_MEMPOOL;
    for (let index = 0; index < POOL_CLAIMS_MAX; index++) {
      const [entry] = [packets.claim(cheap!)].map((transaction) => ({
        ...transaction,
        packetLeaf: leafIndex(100 + index),
      }));
      mempool = insertEntry(mempool, {
        txid: hash32("test/claim", u32(index)),
        transaction: entry!,
        size: 300,
        weight: 0,
        factor: 16,
        spentStake: 0n,
        claimFee: index === 7 ? 10_000n : 20_000n,
        arrivedAt: NOW,
      });
    }
    const evictions = (fee: bigint) => claimEvictionsFor(mempool, found, claim, fee);
    expect(evictions(10_000n)).toBeUndefined();
    expect(evictions(10_001n)!.map(({ arrival }) => arrival)).toEqual([7]);
    expect(claimEvictionsFor(EMPTY_MEMPOOL, found, claim, 0n)).toEqual([]);
    // Looked through once for each version of a pool.
    const looks = vi.spyOn(mempool.claims, "values");
    for (let each = 0; each < 100; each++) evictions(10_001n);
    expect(looks).not.toHaveBeenCalled();
    const without = removeEntries(mempool, evictions(10_001n)!);
    expect(claimEvictionsFor(without, found, claim, 10_001n)).toEqual([]);
    const [first] = [...mempool.entries.values()];
    const refilled = insertEntry(without, { ...first!, txid: hash32("test/claim", u32(513)) });
    expect(claimEvictionsFor(refilled, found, claim, 10_001n)).toBeUndefined();
    expect(claimEvictionsFor(refilled, found, claim, 20_001n)!.map(({ arrival }) => arrival)).toEqual([
      POOL_CLAIMS_MAX,
    ]);
  });

  it("[RP-5] are refused for what may change with time here and now; their signatures are looked at elsewhere", () => {
    const { ledger, packets, judge, admit } = start("judged");
    const [packet] = packets.pack(packets.make([1n, 2n]));
    const good = packets.claim(packet!);
    const toShow = (claim: Claim) => {
      const candidate = judge(EMPTY_MEMPOOL, claim);
      if (!("entry" in candidate)) throw new Error(JSON.stringify(candidate));
      const claims = { transfer: undefined, rangeProofs: [], ...candidate.claim };
      return verifyClaims(ledger.deps, [claims], ledger.random)[0];
    };
    const ownerless = { ...good, ownerSignature: new Uint8Array(64) };
    const unlinked = packets.claim({ ...packet!, packetSecret: packets.secret() });
    const noPoint = { ...good, oneTimeKey: new Uint8Array(32).fill(0xff) };
    expect([good, ownerless, unlinked, noPoint].map(toShow)).toEqual([undefined, "TX-5", "TX-5", "OU-1"]);
    const early = packets.claim({ ...packet!, leaf: leafIndex(ledger.tip.header.nextLeaf) });
    expect(judge(EMPTY_MEMPOOL, early)).toEqual({ verdict: "ignore", reason: "not_now", rule: "RP-5" });
    const ownerSecret = packets.secret();
    const mempool = admit(EMPTY_MEMPOOL, packets.claim(packet!, { ownerSecret }));
    const again = packets.claim(packet!, { ownerSecret });
    expect(judge(mempool, again)).toEqual({ verdict: "ignore", reason: "conflicting" });
    const foreign = packets.takeBack(packet!, packet!.packetSecret);
    expect(judge(EMPTY_MEMPOOL, foreign)).toEqual({ verdict: "reject", rule: "TX-5" });
    expect("entry" in judge(mempool, packets.takeBack(packet!))).toBe(true);
  });

  it("[RP-5] [RP-12] leave their work to be looked at elsewhere", () => {
    const { packets, judge } = start("work");
    const [packet] = packets.pack(packets.make([1n, 2n], { gate: { mode: "chance", powBits: 1 } }));
    const candidate = judge(EMPTY_MEMPOOL, packets.claim(packet!));
    expect(candidate).toMatchObject({ claim: { work: { powBits: 1, packetKey: packet!.core.packetKey } } });
    const [open] = packets.pack(packets.make([1n]));
    const other = judge(EMPTY_MEMPOOL, packets.claim(open!));
    expect(other).toMatchObject({ coins: [] });
    expect("claim" in other && other.claim?.work).toBeUndefined();
  });

  it("[RP-5] [RP-12] read their packet once behind a tip, however many ask, and cost no curve where no seat is left", () => {
    const { ledger, packets, admit, claims } = start("read once");
    const [packet] = packets.pack(packets.make([1n, 2n]));
    const mempool = claims(packet!, 1 + PACKET_CLAIMS_SPARE).reduce(admit, EMPTY_MEMPOOL);
    let reads = 0;
    const reader: LedgerReader = {
      leaf: (index) => {
        reads++;
        return ledger.ledger.leaf(index);
      },
      node: () => undefined,
      tile: () => undefined,
      expiredPackets: () => [],
    };
    const kept = new PacketReads();
    const judge = (transaction: Transaction, pool = mempool, known = kept) =>
      judgeTransaction(ledger.deps, pool, ledger.tip, reader, transaction, NOW, known);
    expect(judge(packets.claim(packet!)).verdict).toBe("accept");
    expect(reads).toBe(1);
    expect(judge({ ...packets.claim(packet!), ownerSignature: new Uint8Array(64) }).verdict).toBe("accept");
    expect(reads).toBe(1);
    const full = admit(mempool, packets.claim(packet!));
    const unsigned = { ...packets.claim(packet!), ownerSignature: new Uint8Array(64) };
    expect(judge(unsigned, full)).toMatchObject({ reason: "pool_full" });
    expect(reads).toBe(1);
    // Nobody else's, and of no other tip.
    expect(judge(unsigned, mempool, new PacketReads()).verdict).toBe("accept");
    expect(reads).toBe(2);
    ledger.extend([]);
    expect(judge(packets.claim(packet!)).verdict).toBe("accept");
    expect(reads).toBe(3);
  });

  it.each(["empty", "taken back", "expired"])("[RP-12] go once their packet is %s", (end) => {
    const { ledger, packets, admit, claims, after } = start(`ended ${end}`);
    const [packet, other] = packets.pack(packets.make([1n, 2n]), packets.make([3n], { lifeMs: 10 * PACKET_LIFE_MS }));
    const kept = packets.claim(other!);
    const mempool = [...claims(packet!, 2), kept].reduce(admit, EMPTY_MEMPOOL);
    const block = {
      empty: () => ledger.extend(made(claims(packet!, 2))),
      "taken back": () => ledger.extend(made([packets.takeBack(packet!)])),
      expired: () => ledger.extend([], { afterMs: PACKET_LIFE_MS }),
    }[end]!;
    const { mempool: left, removed } = after(mempool, block());
    expect(removed.map(({ reason }) => reason)).toEqual(["conflicting", "conflicting"]);
    expect([...left.entries.values()].map(({ transaction }) => transaction)).toEqual([kept]);
    expect(left.claims.size).toBe(1);
  });

  it("[RP-12] are chosen before what pays, within the caps of a block, so that all of them fit", () => {
    const { ledger, packets, admit, claims } = start("chosen");
    const many = Array.from({ length: 20 }, (_, index) => BigInt(index + 1));
    const live = packets.pack(...[0, 1, 2, 3, 4].map(() => packets.make(many)));
    const payment = ledger.transfer(ledger.notes.slice(0, 1), [0n, 1n], { factor: 16 }).transaction;
    const waiting = live.flatMap((packet) => claims(packet, 20));
    const mempool = [packets.takeBack(live[0]!), payment, ...waiting].reduce(admit, EMPTY_MEMPOOL);
    const chosen = chooseTransactions(mempool, ledger.tip, ledger.ledger, 0);
    expect(chosen).toHaveLength(65);
    expect(chosen.at(-1)).toBe(payment);
    const built = buildBlock(ledger.deps, ledger.tip, ledger.ledger, ledger.draft(chosen));
    expect(built.ok && built.refused).toEqual([]);
  });

  it("[RP-12] that no share is left for take no seat from the others, and take-backs get what is left", () => {
    const { ledger, packets, admit, claims } = start("seats");
    const many = Array.from({ length: 20 }, (_, index) => BigInt(index + 1));
    const poor = packets.pack(...[0, 1, 2, 3].map(() => packets.make([1n])));
    const [rich, closing] = packets.pack(packets.make(many), packets.make(many));
    const early = poor.flatMap((packet) => claims(packet, 1 + PACKET_CLAIMS_SPARE));
    const late = [packets.takeBack(closing!), ...claims(closing!, 16), ...claims(rich!, 16)];
    const mempool = [...early, ...late].reduce(admit, EMPTY_MEMPOOL);
    const chosen = chooseTransactions(mempool, ledger.tip, ledger.ledger, 0);
    const built = buildBlock(ledger.deps, ledger.tip, ledger.ledger, ledger.draft(chosen));
    expect(built.ok && built.refused).toEqual([]);
    // One of each poor packet, and all that a block takes of the two others.
    expect(chosen).toHaveLength(4 + 16 + 16);
    ledger.extend(made(chosen));
    const next = claims(rich!, 5).reduce(admit, EMPTY_MEMPOOL);
    // 16 of 20 wait for their draw.
    expect(chooseTransactions(next, ledger.tip, ledger.ledger, 0)).toHaveLength(4);
    // Of the other one as well, so there is a seat.
    const back = packets.takeBack(closing!);
    const last = [...claims(closing!, 5), back].reduce(admit, EMPTY_MEMPOOL);
    expect(chooseTransactions(last, ledger.tip, ledger.ledger, 0)).toHaveLength(5);
    expect(chooseTransactions(last, ledger.tip, ledger.ledger, 0).at(-1)).toBe(back);
  });

  it("[RP-12] push what pays the most out of a full pool, and are pushed out by nothing that pays", () => {
    const { ledger, packets, admit, judge, claims } = start("full");
    const [packet] = packets.pack(packets.make([1n, 2n]));
    const payment = ledger.transfer(ledger.notes.slice(0, 1), [0n, 1n], { factor: 16 }).transaction;
    const [claim] = claims(packet!, 1);
    const paying = admit(EMPTY_MEMPOOL, payment);
    const full = fillPool([...paying.entries.values()][0]!);
    const candidate = judge(full, claim!);
    if (!("entry" in candidate)) throw new Error("refused");
    const admitted = admitCandidate(full, ledger.tip, ledger.ledger, candidate);
    expect(admitted).toMatchObject({ verdict: "accept", removed: [{ reason: "evicted" }] });
    const claiming = fillPool([...admit(EMPTY_MEMPOOL, claim!).entries.values()][0]!);
    expect(judge(claiming, payment)).toEqual({ verdict: "ignore", reason: "pool_full" });
  });
});

describe("take-backs in a pool", () => {
  it(`[RP-12] are ${POOL_TAKE_BACKS_MAX} at most: they pay nothing`, () => {
    const { packets, admit, judge } = start("take-backs");
    const [packet] = packets.pack(packets.make([1n, 2n]));
    const takeBack = packets.takeBack(packet!);
    const pool = (takeBacks: number): Mempool => ({ ...EMPTY_MEMPOOL, takeBacks });
    expect(judge(pool(POOL_TAKE_BACKS_MAX), takeBack)).toEqual({ verdict: "ignore", reason: "pool_full" });
    const held = admit(pool(POOL_TAKE_BACKS_MAX - 1), takeBack);
    expect(held.takeBacks).toBe(POOL_TAKE_BACKS_MAX);
    expect(removeEntries(held, [...held.entries.values()]).takeBacks).toBe(POOL_TAKE_BACKS_MAX - 1);
  });
});
