import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../../src/core/bytes/compare-bytes.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { claimHash, type Claim } from "../../../../src/core/chain/claim.ts";
import { decodeOutputCore, encodeOutputCore, type DrawnCore } from "../../../../src/core/chain/output.ts";
import { REFUND_SLOT } from "../../../../src/core/chain/packet-coins.ts";
import { drawSlots } from "../../../../src/core/chain/packet-draw.ts";
import { feeOf, type Transaction } from "../../../../src/core/chain/transaction.ts";
import type { CurveBackend } from "../../../../src/core/crypto/backend/curve-backend.ts";
import { u64 } from "../../../../src/core/bytes/writer.ts";
import { verifyRange } from "../../../../src/core/crypto/range-proof-verifier.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { schnorrPublicKey } from "../../../../src/core/crypto/schnorr.ts";
import type { BlockOutcome } from "../../../../src/core/state/block-outcome.ts";
import { drawPackets } from "../../../../src/core/state/draw-packets.ts";
import { decodePacketState } from "../../../../src/core/state/leaf-state.ts";
import { decodeLedgerTip, encodeLedgerTip } from "../../../../src/core/state/ledger-tip.ts";
import { NO_LIVE_PACKETS, PACKETS_MAX } from "../../../../src/core/state/live-packets.ts";
import { rangeClaim } from "../../../../src/core/state/spend-claims.ts";
import { holdsSupplyInvariant } from "../../../../src/core/state/supply-invariant.ts";
import type { LeafIndex } from "../../../../src/core/values/height.ts";
import { height } from "../../../../src/core/values/height.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { CLAIM_FEE, NO_LEAF, PacketBuilder, PACKET_LIFE_MS } from "../../../support/packet-builder.ts";
import { testCurve as curve } from "../../../support/test-curve.ts";

const AMOUNTS = [5_000_000n, 7n, 3_000_000n];

function start(label: string) {
  const ledger = new LedgerBuilder({ label });
  return { ledger, packets: new PacketBuilder(ledger) };
}

function extend(ledger: LedgerBuilder, transactions: readonly Transaction[] = [], afterMs?: number): BlockOutcome {
  const outcome = ledger.extend(
    transactions.map((transaction) => ({ transaction, makes: [] })),
    afterMs === undefined ? {} : { afterMs },
  );
  expect(holdsSupplyInvariant(curve, ledger.ledger.leaves.values(), outcome.tip.header)).toBe(true);
  return outcome;
}

/** Coins of packets that a block made, in block order. */
const drawnIn = ({ cores }: BlockOutcome): readonly DrawnCore[] =>
  [...cores.values()].map(decodeOutputCore).filter((core) => core.type === "drawn");

const stateOf = (ledger: LedgerBuilder, leaf: LeafIndex) => decodePacketState(ledger.ledger.leaf(leaf)!.stateFields);

describe("packets in transfers", () => {
  it("[RP-1] [RP-2] are made with their shares and fees in the balance, and pay for each share", () => {
    const { ledger, packets } = start("made");
    const made = packets.make(AMOUNTS);
    const { transaction } = packets.transfer([made], ledger.notes.slice(0, 1));
    expect(ledger.ruleOf([transaction])).toBe("kept");
    expect(transaction.fee).toBe(BigInt(5 * 10_000 + 1_000));
    const [packet] = packets.pack(made);
    expect(stateOf(ledger, packet!.leaf)).toEqual({ paidBitmap: 0n, isClosing: false, used: [], pending: [] });
    expect(ledger.tip.packets).toEqual({ count: 1, unsettled: [] });
    expect(extend(ledger).compact.changed).toEqual([]);
  });

  it("[RP-2] one unit more in a packet than was paid in", () => {
    const { ledger, packets } = start("unbalanced");
    const made = packets.make(AMOUNTS);
    const more = { ...made, coin: { ...made.coin, amount: made.coin.amount - 1n } };
    expect(ledger.ruleOf([packets.transfer([more]).transaction])).toBe("TX-4");
  });

  it("[RP-1] what a packet must keep", () => {
    const { ledger, packets } = start("broken packets");
    const notes = ledger.notes.slice(0, 1);
    const ruleOf = (options: Parameters<PacketBuilder["make"]>[1]): string =>
      ledger.ruleOf([packets.transfer([packets.make(AMOUNTS, options)], notes).transaction]);
    const { packetMinMs, packetMaxMs } = ledger.tip.chain.params;
    const identity = new Uint8Array(32);
    const noPoint = new Uint8Array(32).fill(0xff);
    expect(ruleOf({})).toBe("kept");
    expect(ruleOf({ lifeMs: packetMinMs })).toBe("kept");
    expect(ruleOf({ lifeMs: packetMinMs - 1 })).toBe("RP-1");
    expect(ruleOf({ lifeMs: packetMaxMs })).toBe("kept");
    expect(ruleOf({ lifeMs: packetMaxMs + 1 })).toBe("RP-1");
    expect(ruleOf({ claimFee: CLAIM_FEE - 1n })).toBe("RP-1");
    expect(ruleOf({ change: { packetKey: identity } })).toBe("RP-1");
    expect(ruleOf({ change: { packetKey: noPoint } })).toBe("RP-1");
    expect(ruleOf({ change: { refundKey: identity } })).toBe("RP-1");
    expect(ruleOf({ change: { ephemeralKey: noPoint } })).toBe("RP-1");
    const [share] = packets.make(AMOUNTS).core.shares;
    expect(ruleOf({ change: { shares: [share!, share!, share!] } })).toBe("RP-1");
    const odd = { ...share!, commitment: noPoint };
    expect(ruleOf({ change: { shares: [odd, ...packets.make(AMOUNTS).core.shares.slice(1)] } })).toBe("RP-1");
    const none = { ...share!, commitment: identity };
    expect(ruleOf({ change: { shares: [none, ...packets.make(AMOUNTS).core.shares.slice(1)] } })).toBe("RP-1");
  });

  it("[OU-12] are alone under their D, which coins may share", () => {
    const { ledger, packets } = start("one D");
    const notes = ledger.notes.slice(0, 1);
    const made = packets.make(AMOUNTS);
    const { ephemeralKey } = made.core;
    // Another vtag, as of n = 1, makes no difference.
    const second = packets.make(AMOUNTS, { change: { ephemeralKey } });
    expect(ledger.ruleOf([packets.transfer([made, second], notes).transaction])).toBe("OU-12");
    expect(ledger.ruleOf([packets.transfer([made, packets.make(AMOUNTS)], notes).transaction])).toBe("kept");
    const coin = ledger.coin(5n, ephemeralKey);
    const rest = notes[0]!.amount - made.coin.amount - coin.amount;
    const fee = ledger.fee([made.coin.output, coin.output, coin.output], 1);
    const change = ledger.coin(rest - fee);
    expect(ledger.ruleOf([ledger.transferInto(notes, [made.coin, coin, change]).transaction])).toBe("kept");
  });

  it("[TX-3] carry an aggregate proof that is checked like that of a coin", () => {
    const ledger = new LedgerBuilder({
      label: "proven packets",
      proofs: true,
      isRangeProofVerified: (output) => verifyRange(curve, rangeClaim(1000, output)),
    });
    const packets = new PacketBuilder(ledger);
    const notes = ledger.notes.slice(0, 1);
    const made = packets.make(AMOUNTS);
    expect(ledger.ruleOf([packets.transfer([made], notes).transaction])).toBe("kept");
    const { rangeProof } = packets.make(AMOUNTS).coin.output;
    const core = { ...made.core, rangeProofHash: sha256Hash(rangeProof) };
    const swapped = { ...made, coin: { ...made.coin, output: { core, rangeProof } } };
    expect(ledger.ruleOf([packets.transfer([swapped], notes).transaction])).toBe("TX-3");
  });

  it("[TX-1] are no inputs: what is in them leaves by claims and refunds alone", () => {
    const { ledger, packets } = start("spent packet");
    const made = packets.make(AMOUNTS);
    const [packet] = packets.pack(made);
    const note = { ...made.coin, leaf: packet!.leaf };
    expect(ledger.ruleOf([ledger.transfer([note]).transaction])).toBe("TX-1");
  });
});

describe("claims", () => {
  it("[RP-5] [RP-6] wait for the beacon two blocks later, which gives each a slot", () => {
    const { ledger, packets } = start("drawn");
    const [packet] = packets.pack(packets.make(AMOUNTS));
    const claims = [packets.claim(packet!), packets.claim(packet!)];
    const taken = extend(ledger, claims);
    const at = taken.tip.header.height;
    expect(stateOf(ledger, packet!.leaf).pending).toEqual(claims.map((claim) => ({ height: at, claim })));
    expect(taken.tip.packets).toEqual({ count: 1, unsettled: [{ leaf: packet!.leaf, hasPending: true }] });
    expect(taken.compact.changed.map(({ leaf }) => leaf)).toEqual([packet!.leaf]);
    expect(drawnIn(extend(ledger))).toEqual([]);
    const before = ledger.tip.header;
    const drawn = extend(ledger);
    const { beacon } = drawn.tip.header;
    const slots = drawSlots(beacon, claims.map(claimHash), [0, 1, 2]);
    const coins = drawnIn(drawn);
    expect(coins.map(({ slot }) => slot)).toEqual(slots.map(({ slot }) => slot));
    coins.forEach((coin, index) => {
      const claim = claims[slots[index]!.place]!;
      const share = packet!.core.shares[coin.slot]!;
      expect(coin).toMatchObject({ ...share, packetLeaf: packet!.leaf, oneTimeKey: claim.oneTimeKey });
      expect(coin).toMatchObject({ ephemeralKey: claim.ephemeralKey, anchorEnc: claim.anchorEnc });
    });
    expect([...drawn.cores.keys()][0]).toBe(before.nextLeaf);
    const state = stateOf(ledger, packet!.leaf);
    expect(state).toMatchObject({ pending: [], used: { length: 2 } });
    expect(state.paidBitmap).toBe(coins.reduce((bits, { slot }) => bits | (1n << BigInt(slot)), 0n));
    expect(drawn.tip.packets).toEqual({ count: 1, unsettled: [] });
    // f_claim of both went to those who made the block.
    const owed = ({ accrued, pot }: typeof before): bigint => accrued + pot;
    const minted = drawn.tip.header.minted - before.minted;
    expect(owed(drawn.tip.header) - owed(before)).toBe(minted + 2n * CLAIM_FEE);
  });

  it("[RP-6] of two blocks wait together and are drawn in h+2 and h+3; the last one ends the packet", () => {
    const { ledger, packets } = start("two blocks");
    const [packet] = packets.pack(packets.make(AMOUNTS));
    extend(ledger, [packets.claim(packet!)]);
    extend(ledger, [packets.claim(packet!), packets.claim(packet!)]);
    expect(stateOf(ledger, packet!.leaf).pending).toHaveLength(3);
    expect(ledger.ruleOf([packets.claim(packet!)])).toBe("RP-5");
    expect(drawnIn(extend(ledger))).toHaveLength(1);
    expect(ledger.ruleOf([packets.claim(packet!)])).toBe("RP-5");
    const last = extend(ledger);
    expect(drawnIn(last)).toHaveLength(2);
    expect(last.compact.spent).toEqual([packet!.leaf]);
    expect(ledger.ledger.leaf(packet!.leaf)).toBeUndefined();
    expect(last.tip.packets).toEqual({ count: 0, unsettled: [] });
    expect(drawnIn(extend(ledger, [], PACKET_LIFE_MS))).toEqual([]);
  });

  it("[RP-5] beyond the shares are refused in a block, and the same by the one who builds it", () => {
    const { ledger, packets } = start("too many");
    const [packet] = packets.pack(packets.make([1n, 2n]));
    const claims = [1, 2, 3].map(() => packets.claim(packet!));
    expect(ledger.ruleOf(claims)).toBe("RP-5");
    expect(ledger.ruleOf(claims.slice(1))).toBe("kept");
  });

  it("[RP-5] what a claim must keep", () => {
    const { ledger, packets } = start("broken claims");
    const [packet, other] = packets.pack(packets.make(AMOUNTS), packets.make(AMOUNTS));
    const ruleOf = (claim: Claim): string => ledger.ruleOf([claim]);
    const good = packets.claim(packet!);
    const no = new Uint8Array(64);
    expect(ruleOf(good)).toBe("kept");
    expect(ruleOf({ ...good, ownerSignature: no })).toBe("TX-5");
    expect(ruleOf({ ...good, packetSignature: no })).toBe("TX-5");
    // Another packet's link.
    expect(ruleOf(packets.claim({ ...packet!, packetSecret: other!.packetSecret }))).toBe("TX-5");
    expect(ruleOf(packets.claim({ ...packet!, leaf: NO_LEAF }))).toBe("RP-5");
    expect(ruleOf(packets.claim({ ...packet!, leaf: ledger.notes[0]!.leaf }))).toBe("RP-5");
    expect(ruleOf(packets.claim(packet!, { gate: { mode: "chance", refHeight: height(1), powNonce: 0n } }))).toBe(
      "RP-5",
    );
    expect(ruleOf(packets.claim(packet!, { change: { ephemeralKey: new Uint8Array(32).fill(0xff) } }))).toBe("OU-1");
    expect(ruleOf(packets.claim(packet!, { change: { oneTimeKey: new Uint8Array(32) } }))).toBe("OU-1");
    expect(ruleOf(packets.claim(packet!, { change: { oneTimeKey: new Uint8Array(32).fill(0xff) } }))).toBe("OU-1");
    expect(ruleOf(packets.claim(packet!, { change: { chainId: 1 } }))).toBe("TX-9");
    const made = packets.make(AMOUNTS);
    const born = ledger.tip.header.nextLeaf;
    const inBlock = packets.claim({ ...made, leaf: (born + 0) as LeafIndex });
    expect(ledger.ruleOf([packets.transfer([made], ledger.notes.slice(0, 1)).transaction, inBlock])).toBe("RP-5");
  });

  it("[RP-5] use a P once in a packet, in one block or two, before and after its draw", () => {
    const { ledger, packets } = start("same P");
    const [packet, other] = packets.pack(packets.make(AMOUNTS), packets.make(AMOUNTS));
    const ownerSecret = packets.secret();
    const again = () => packets.claim(packet!, { ownerSecret });
    expect(ledger.ruleOf([again(), again()])).toBe("RP-5");
    extend(ledger, [again()]);
    for (let index = 0; index < 3; index++) {
      expect(ledger.ruleOf([again()])).toBe("RP-5");
      expect(ledger.ruleOf([packets.claim(other!, { ownerSecret })])).toBe("kept");
      extend(ledger);
    }
  });

  it("[RP-5] of mode 2 use a ticket of the packet once, whatever place they name", () => {
    const { ledger, packets } = start("tickets");
    const [packet] = packets.pack(packets.make(AMOUNTS, { withTickets: true }));
    const first = packets.claim(packet!);
    const gate = first.gate as Extract<Claim["gate"], { mode: "ticket" }>;
    expect(ledger.ruleOf([first])).toBe("kept");
    expect(ledger.ruleOf([{ ...first, ticketSignature: new Uint8Array(64) }])).toBe("TX-5");
    expect(ledger.ruleOf([packets.claim(packet!, { gate: { mode: "open" } })])).toBe("RP-5");
    // The other ticket's place, and a key that has no ticket.
    expect(
      ledger.ruleOf([packets.claim(packet!, { gate: { mode: "ticket", ticket: { ...gate.ticket, index: 1 } } })]),
    ).toBe("RP-5");
    const stranger = { ...packet!, tickets: [packets.secret(), packet!.tickets[1]!] };
    expect(ledger.ruleOf([packets.claim(stranger)])).toBe("RP-5");
    expect(ledger.ruleOf([first, packets.claim(packet!)])).toBe("RP-5");
    extend(ledger, [first]);
    expect(ledger.ruleOf([packets.claim(packet!)])).toBe("RP-5");
    extend(ledger, [packets.claim(packet!, { ticket: 1 })]);
    expect(extend(ledger).tip.packets.unsettled).toMatchObject([{ hasPending: true }]);
    expect(
      stateOf(ledger, packet!.leaf)
        .used.map(({ ticketKey }) => formatHex(ticketKey))
        .sort(),
    ).toEqual(packet!.tickets.map((each) => formatHex(schnorrPublicKey(curve, each))).sort());
  });

  it("[RP-5] of mode 1 show work behind one of the last blocks", () => {
    const { ledger, packets } = start("work");
    const gate = { mode: "chance", powBits: 2 } as const;
    const [packet] = packets.pack(packets.make(AMOUNTS, { gate, lifeMs: 600_000 }));
    const good = packets.claim(packet!);
    const work = good.gate as Extract<Claim["gate"], { mode: "chance" }>;
    const ruleWith = (given: Claim["gate"]): string => ledger.ruleOf([packets.claim(packet!, { gate: given })]);
    expect(ledger.ruleOf([good])).toBe("kept");
    expect(ruleWith({ mode: "open" })).toBe("RP-5");
    expect(ruleWith({ ...work, refHeight: height(ledger.tip.header.height + 1) })).toBe("RP-5");
    // Signed by another owner each: three of four are wrong by fair chance.
    const rules = Array.from({ length: 12 }, () => ruleWith(work));
    expect(new Set(rules)).toEqual(new Set(["RP-5", "kept"]));
    const { claimRefWindow } = ledger.tip.chain.params;
    for (let index = 0; index < claimRefWindow - 1; index++) ledger.extend();
    expect(ledger.tip.recentIds).toHaveLength(claimRefWindow);
    expect(ledger.ruleOf([good])).toBe("kept");
    ledger.extend();
    expect(ledger.tip.recentIds).toHaveLength(claimRefWindow);
    expect(decodeLedgerTip(encodeLedgerTip(ledger.tip))).toEqual(ledger.tip);
    expect(ledger.ruleOf([good])).toBe("RP-5");
  });

  it("[RP-5] [RP-8] pay nothing, and fill at most their room in a block", () => {
    const { ledger, packets } = start("room");
    const many = Array.from({ length: 17 }, (_, index) => BigInt(index + 1));
    const live = packets.pack(...[0, 1, 2, 3, 4].map(() => packets.make(many)));
    const [first] = live;
    const ofOne = Array.from({ length: 17 }, () => packets.claim(first!));
    expect(ledger.ruleOf(ofOne.slice(1))).toBe("kept");
    expect(ledger.ruleOf(ofOne)).toBe("RP-5");
    const inAll = live.slice(0, 4).flatMap((packet) => Array.from({ length: 16 }, () => packets.claim(packet)));
    expect(ledger.ruleOf(inAll)).toBe("kept");
    expect(inAll.map(feeOf)).toEqual(inAll.map(() => 0n));
    expect(ledger.ruleOf([...inAll, packets.claim(live[4]!)])).toBe("RP-5");
    expect(ledger.ruleOf([...inAll, packets.takeBack(live[4]!)])).toBe("RP-7");
    extend(ledger, inAll);
    expect(drawnIn(extend(ledger))).toEqual([]);
    expect(drawnIn(extend(ledger))).toHaveLength(64);
  });
});

describe("refunds", () => {
  it("[RP-5] [RP-7] a packet is open until the millisecond before its expiry, and gives the rest back then", () => {
    const { ledger, packets } = start("expiry");
    const [packet] = packets.pack(packets.make(AMOUNTS));
    const left = packet!.core.expiry - ledger.tip.header.time;
    extend(ledger, [], left - 1);
    // The parent's time counts.
    expect(ledger.ruleOf([packets.claim(packet!)])).toBe("kept");
    expect(drawnIn(extend(ledger, [], 1_000))).toEqual([]);
    expect(ledger.tip.header.time).toBeGreaterThanOrEqual(packet!.core.expiry);
    expect(ledger.ruleOf([packets.claim(packet!)])).toBe("RP-5");
    const outcome = extend(ledger);
    const [refund, ...others] = drawnIn(outcome);
    expect(others).toEqual([]);
    expect(refund).toMatchObject({ slot: REFUND_SLOT, packetLeaf: packet!.leaf, oneTimeKey: packet!.core.refundKey });
    expect(refund!.amountEnc).toEqual(u64(0n));
    expect(outcome.compact.spent).toEqual([packet!.leaf]);
    expect(outcome.tip.packets).toEqual({ count: 0, unsettled: [] });
    expect(outcome.tip.header.accrued + outcome.tip.header.pot).toBeGreaterThan(0n);
  });

  it("[RP-7] of one block are 64: closing packets first, then those that expired first; they stand by leaf", () => {
    const { ledger, packets } = start("many refunds");
    const made = Array.from({ length: 70 }, (_, index) => packets.make([1n], { lifeMs: 90_000 - 500 * (index % 35) }));
    const live = packets.pack(...made);
    const [late] = packets.pack(packets.make(AMOUNTS, { lifeMs: 600_000 }));
    expect(ledger.tip.packets).toEqual({ count: 71, unsettled: [] });
    // However many live, a tip is as large as without one.
    expect(encodeLedgerTip(ledger.tip)).toHaveLength(
      encodeLedgerTip({ ...ledger.tip, packets: NO_LIVE_PACKETS }).length,
    );
    extend(ledger, [packets.takeBack(late!)], 90_000);
    const inOrder = live.toSorted((left, right) => left.core.expiry - right.core.expiry || left.leaf - right.leaf);
    const leavesOf = (some: readonly { readonly leaf: LeafIndex }[]) =>
      some.map(({ leaf }) => leaf).toSorted((left, right) => left - right);
    const given = () => drawnIn(extend(ledger)).map(({ packetLeaf }) => packetLeaf);
    expect(given()).toEqual(leavesOf([late!, ...inOrder.slice(0, 63)]));
    expect(given()).toEqual(leavesOf(inOrder.slice(63)));
    expect(given()).toEqual([]);
    expect(ledger.tip.packets).toEqual(NO_LIVE_PACKETS);
  });

  it("[RP-7] are summed once for a height, whatever block is built or judged at it", () => {
    const { ledger, packets } = start("summed once");
    const [packet] = packets.pack(packets.make(AMOUNTS));
    extend(ledger, [packets.takeBack(packet!)]);
    let decoded = 0;
    const counted: CurveBackend = Object.create(curve, {
      ristrettoDecode: {
        value: (bytes: Uint8Array) => {
          decoded++;
          return curve.ristrettoDecode(bytes);
        },
      },
    }) as CurveBackend;
    const drawn = [1, 2, 3].map((byte) =>
      drawPackets(counted, ledger.tip, ledger.ledger, sha256Hash(Uint8Array.of(byte))),
    );
    expect(drawn.map(({ outputs }) => outputs.length)).toEqual([1, 1, 1]);
    expect(decoded).toBe(1);
    expect(drawnIn(extend(ledger))).toEqual(drawn[0]!.outputs);
  });

  it("[RP-1] a chain at its limit of live packets makes no more before one has ended", () => {
    const { ledger, packets } = start("limit");
    const ended = packets.pack(packets.make(AMOUNTS))[0]!;
    const { transaction } = packets.transfer([packets.make(AMOUNTS)], ledger.notes.slice(0, 1));
    ledger.tip = { ...ledger.tip, packets: { ...ledger.tip.packets, count: PACKETS_MAX } };
    expect(ledger.ruleOf([transaction])).toBe("RP-1");
    extend(ledger, [packets.takeBack(ended)]);
    extend(ledger);
    expect(ledger.tip.packets.count).toBe(PACKETS_MAX - 1);
    expect(ledger.ruleOf([transaction])).toBe("kept");
  });

  it("[RP-7] waits for claims that are not drawn: in the second block after the last one at the latest", () => {
    const { ledger, packets } = start("late claim");
    const [packet] = packets.pack(packets.make(AMOUNTS));
    extend(ledger, [], packet!.core.expiry - ledger.tip.header.time - 1);
    extend(ledger, [packets.claim(packet!)]);
    expect(drawnIn(extend(ledger))).toEqual([]);
    const coins = drawnIn(extend(ledger));
    expect(coins.map(({ slot }) => slot === REFUND_SLOT)).toEqual([false, true]);
    expect(coins[1]!.amountEnc).toEqual(u64(1n << BigInt(coins[0]!.slot)));
  });

  it("[RP-7] a take-back closes at once and gives back in the next block", () => {
    const { ledger, packets } = start("taken back");
    const [packet] = packets.pack(packets.make(AMOUNTS));
    const takeBack = packets.takeBack(packet!);
    expect(ledger.ruleOf([packets.takeBack(packet!, packet!.packetSecret)])).toBe("TX-5");
    expect(ledger.ruleOf([packets.takeBack({ ...packet!, leaf: NO_LEAF })])).toBe("RP-7");
    expect(ledger.ruleOf([takeBack, takeBack])).toBe("RP-7");
    expect(ledger.ruleOf([takeBack, packets.claim(packet!)])).toBe("RP-5");
    const taken = extend(ledger, [takeBack]);
    expect(stateOf(ledger, packet!.leaf)).toMatchObject({ isClosing: true });
    expect(taken.tip.packets.unsettled).toEqual([{ leaf: packet!.leaf, hasPending: false }]);
    expect(ledger.ruleOf([packets.claim(packet!)])).toBe("RP-5");
    expect(ledger.ruleOf([takeBack])).toBe("RP-7");
    expect(drawnIn(extend(ledger)).map(({ slot }) => slot)).toEqual([REFUND_SLOT]);
  });

  it("[RP-7] a take-back that races a claim leaves the claim its share", () => {
    const { ledger, packets } = start("race");
    const [packet] = packets.pack(packets.make(AMOUNTS));
    extend(ledger, [packets.claim(packet!)]);
    extend(ledger, [packets.takeBack(packet!)]);
    expect(drawnIn(extend(ledger)).map(({ slot }) => slot === REFUND_SLOT)).toEqual([false, true]);
    const [second] = packets.pack(packets.make(AMOUNTS));
    extend(ledger, [packets.claim(second!), packets.takeBack(second!)]);
    expect(drawnIn(extend(ledger))).toEqual([]);
    expect(drawnIn(extend(ledger)).map(({ slot }) => slot === REFUND_SLOT)).toEqual([false, true]);
  });

  it("[BL-2] draws by packet stand first, then refunds by packet, then what transactions make", () => {
    const { ledger, packets } = start("order");
    const live = packets.pack(packets.make(AMOUNTS), packets.make(AMOUNTS), packets.make(AMOUNTS));
    const [first, second, third] = [...live].sort((left, right) => left.leaf - right.leaf);
    extend(ledger, [packets.claim(second!), packets.claim(first!), packets.takeBack(second!)]);
    extend(ledger, [packets.takeBack(third!)]);
    const transfer = ledger.transfer(ledger.take(1));
    const outcome = ledger.extend([transfer]);
    const cores = [...outcome.cores.values()].map(decodeOutputCore);
    const places = cores.map((core) =>
      core.type === "drawn" ? [core.packetLeaf, core.slot === REFUND_SLOT] : core.type,
    );
    expect(places).toEqual([
      [first!.leaf, false],
      [second!.leaf, false],
      [second!.leaf, true],
      [third!.leaf, true],
      "coin",
      "coin",
    ]);
    const note = ledger.notes.at(-1)!;
    expect(equalBytes(ledger.ledger.leaf(note.leaf)!.core, encodeOutputCore(note.output.core))).toBe(true);
  });

  it("[BL-1] [RP-6] a tip that is written and read again goes on with the same roots", () => {
    const { ledger, packets } = start("restart");
    const [packet] = packets.pack(packets.make(AMOUNTS));
    extend(ledger, [packets.claim(packet!)]);
    extend(ledger, [packets.takeBack(packet!)]);
    ledger.tip = decodeLedgerTip(encodeLedgerTip(ledger.tip));
    expect(drawnIn(extend(ledger))).toHaveLength(2);
  });
});
