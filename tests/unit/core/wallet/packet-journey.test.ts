import { describe, expect, it } from "vitest";
import { devFaucetSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { isProvenOutput } from "../../../../src/core/chain/output.ts";
import type { PacketCore, PacketGate } from "../../../../src/core/chain/packet-output.ts";
import { decodeTransfer, encodeTransaction } from "../../../../src/core/chain/transaction.ts";
import { guardedLinkSecret, packetPasswordBytes } from "../../../../src/core/crypto/packet-password.ts";
import { hashToScalar } from "../../../../src/core/crypto/tagged-hash.ts";
import { schnorrPublicKey } from "../../../../src/core/crypto/schnorr.ts";
import { checkShares } from "../../../../src/core/red-packet/check-shares.ts";
import { deriveLinkSecret } from "../../../../src/core/red-packet/packet-secrets.ts";
import type { SplitPlan } from "../../../../src/core/red-packet/split-packet.ts";
import { ticketKeys, ticketOf, ticketRoot, ticketSecret } from "../../../../src/core/red-packet/ticket.ts";
import type { CompactItem } from "../../../../src/core/sync/compact-item.ts";
import { amount, MICRO_PER_STG } from "../../../../src/core/values/amount.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { timeMs, type LeafIndex } from "../../../../src/core/values/height.ts";
import { buildClaim, makeClaimSeat, type ClaimPass } from "../../../../src/core/wallet/build-claim.ts";
import { makeEphemeralKey } from "../../../../src/core/wallet/build-packet.ts";
import { buildPayment } from "../../../../src/core/wallet/build-payment.ts";
import { checkPayment } from "../../../../src/core/wallet/check-payment.ts";
import { deriveAccount } from "../../../../src/core/wallet/keys.ts";
import { listHistory } from "../../../../src/core/wallet/list-history.ts";
import type { Note } from "../../../../src/core/wallet/note.ts";
import type { PacketOrder } from "../../../../src/core/wallet/packet-order.ts";
import { PACKET_PAYMENT_LIFE_MS, paymentEnd } from "../../../../src/core/wallet/payment-end.ts";
import {
  proposePacket,
  proposeTakeBack,
  type PacketRequest,
  type PacketTerms,
} from "../../../../src/core/wallet/propose-packet.ts";
import type { PaymentProposal } from "../../../../src/core/wallet/propose-payment.ts";
import { scanBlocks } from "../../../../src/core/wallet/scan-outputs.ts";
import { stepWallet } from "../../../../src/core/wallet/step-wallet.ts";
import { usableNotes, walletBalance } from "../../../../src/core/wallet/wallet-state.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { extendWith, scanBlockOf, TestWallet, termsOf } from "../../../support/wallet-chain.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const STG = MICRO_PER_STG;
const CHAIN_ID = 1000;
const CLAIM_FEE = 10_000n;
const LUCKY: SplitPlan = { split: "lucky", total: amount(9n * STG), count: 3, minimum: amount(1_000n) };
const faucetKeys = deriveAccount(curve, devFaucetSeed(), 0);

/** A creator with coins and a stranger without any, over one ledger. */
class PacketWorld {
  readonly ledger;
  readonly creator: TestWallet;
  readonly stranger: TestWallet;
  readonly random;
  readonly items: CompactItem[] = [];

  constructor(label: string) {
    this.ledger = new LedgerBuilder({ label });
    this.random = seededRandom(label);
    const start = this.ledger.tip.header;
    this.creator = new TestWallet(faucetKeys, start, `${label} creator`);
    this.stranger = new TestWallet(payee, start, `${label} stranger`);
    const coins = [1, 2, 3].map(() => this.ledger.publicCoin(100n * STG));
    const given = this.ledger.take(1);
    const rest =
      156_250n * STG -
      300n * STG -
      this.ledger.fee(
        [...coins, coins[0]!].map(({ output }) => output),
        1,
      );
    const spread = this.ledger.transferInto(given, [...coins, this.ledger.publicCoin(rest)]);
    this.block([encodeTransaction(spread.transaction)]);
  }

  get terms(): PacketTerms {
    return { ...termsOf(this.ledger), curve, view: faucetKeys.view };
  }

  block(transactions: readonly Uint8Array[] = [], afterMs = 1_000): CompactItem {
    const item = extendWith(this.ledger, transactions, afterMs);
    this.items.push(item);
    this.creator.read(item);
    this.stranger.read(item);
    return item;
  }

  request(change: Partial<PacketRequest> = {}): PacketRequest {
    return {
      ephemeralKey: makeEphemeralKey(curve, this.random),
      plan: LUCKY,
      gate: { mode: "open" },
      expiry: timeMs(this.ledger.tip.header.time + 60_000),
      text: "恭喜发财",
      adBlobId: undefined,
      password: "",
      ...change,
    };
  }

  propose(change: Partial<PacketRequest> = {}): PaymentProposal {
    const result = proposePacket(this.creator.state, this.terms, this.request(change));
    if (!result.ok) throw new Error(result.code);
    return result.proposal;
  }

  /** Makes a packet and gives what its link carries. */
  pack(change: Partial<PacketRequest> = {}) {
    const built = this.creator.pay(this.propose(change), CHAIN_ID, this.ledger.tip.header.time);
    this.block([built.transaction]);
    const note = packetNotes(this.creator).at(-1)!;
    const linkSecret = deriveLinkSecret(faucetKeys.view.viewAllSecret, note.ephemeralKey);
    return { leaf: note.leaf, core: note.packet.core, linkSecret, hasPassword: note.packet.hasPassword };
  }

  claim(
    packet: { leaf: LeafIndex; core: PacketCore; linkSecret: Uint8Array },
    pass: ClaimPass = { mode: "open" },
    password?: Uint8Array,
  ) {
    const { linkSecret, core } = packet;
    const guardedSecret = password && guardedLinkSecret(password, linkSecret);
    const target = { chainId: CHAIN_ID, packetLeaf: packet.leaf, core, linkSecret, guardedSecret };
    const seat = makeClaimSeat(curve, this.random, payee, target);
    const made = buildClaim(curve, this.random, payee, target, seat, pass);
    if (!made.ok) throw new Error(made.code);
    const event = { type: "claim-built", target, built: made.claim, nowMs: this.ledger.tip.header.time } as const;
    this.stranger.state = stepWallet(this.stranger.state, event)[0];
    return made.claim;
  }

  /** A wallet from the seed alone: what is live, in one block of its own, and no packet known. */
  restored(keys: typeof payee): readonly Note[] {
    const job = {
      account: 0,
      addressCount: 4,
      gifts: "everywhere" as const,
      blocks: this.items.map(scanBlockOf),
    };
    const spent = new Set(this.items.flatMap(({ compact }) => compact.spent));
    return scanBlocks(curve, keys.view, job).notes.filter(({ leaf }) => !spent.has(leaf));
  }
}

type PacketNote = Note & { readonly packet: Extract<Note["packet"], { type: "packet" }> };

function packetNotes({ state }: TestWallet): readonly PacketNote[] {
  return [...state.notes.values()].flatMap(({ note }) => (note.packet?.type === "packet" ? [note as PacketNote] : []));
}

const balanceOf = (wallet: TestWallet): bigint => walletBalance(wallet.state)!.total;

describe("a packet from the creator's tap to his refund", () => {
  const world = new PacketWorld("journey");
  const before = balanceOf(world.creator);
  const proposal = world.propose();
  const packet = world.pack({ plan: LUCKY });

  it("[RP-2] costs its shares, a claim fee for each, and the fee by its weight", () => {
    expect(proposal.amount).toBe(9n * STG);
    expect(proposal.packet).toMatchObject({ act: "packet", claimFee: CLAIM_FEE });
    const { change, inputs, fee } = proposal;
    // TX-8: one for the packet and for each share, and its change.
    expect(fee).toBe(10_000n * BigInt(4 + change.length) + 1_000n * BigInt(inputs.length));
    expect(balanceOf(world.creator)).toBe(before - 9n * STG - 3n * CLAIM_FEE - fee);
    const [payment] = [...world.creator.state.payments.values()].slice(-1);
    expect(payment).toMatchObject({ act: "packet", state: "final", amount: 9n * STG, fee: fee + 3n * CLAIM_FEE });
    expect(payment!.anchorSource).toEqual(packet.core.ephemeralKey);
  });

  it("[RP-10] [OU-11] is known again from the seed: link, greeting, every share", () => {
    expect(packet.hasPassword).toBe(false);
    const found = world.restored(faucetKeys).find((note) => note.leaf === packet.leaf)!;
    expect(found.packet).toEqual({ type: "packet", core: packet.core, hasPassword: false });
    expect(found.amount).toBe(9n * STG + 3n * CLAIM_FEE);
    const { checks, greeting, total } = checkShares(curve, packet.core, { ...packet, guardedSecret: undefined });
    expect(checks.every(({ held }) => held)).toBe(true);
    expect(greeting).toMatchObject({ split: "lucky", text: "恭喜发财" });
    expect(total).toBe(9n * STG);
    expect(usableNotes(world.creator.state).some(({ leaf }) => leaf === packet.leaf)).toBe(false);
  });

  it("[RP-6] gives a stranger without coins a share two blocks after his claim, and his seed finds it", () => {
    const claim = world.claim(packet);
    world.block([claim.bytes]);
    world.block();
    expect(world.stranger.state.claims.get(packet.leaf)!.state).toBe("made");
    world.block();
    const done = world.stranger.state.claims.get(packet.leaf)!;
    expect(done).toMatchObject({ state: "drawn", transaction: undefined });
    expect(balanceOf(world.stranger)).toBe(done.share!.amount);
    expect(listHistory(world.stranger.state)).toMatchObject([
      { act: "share", direction: "in", amount: done.share!.amount, state: "final", id: `leaf:${done.share!.leaf}` },
    ]);
    expect(world.restored(payee)).toMatchObject([
      {
        amount: done.share!.amount,
        // 9.3: the seed alone brings the share and its link back.
        packet: { type: "share", packetLeaf: packet.leaf, slot: done.share!.slot, linkSecret: packet.linkSecret },
      },
    ]);
  });

  it("[RP-7] gives back what nobody has claimed, by itself", () => {
    const kept = balanceOf(world.creator);
    const { share } = world.stranger.state.claims.get(packet.leaf)!;
    world.block([], 60_000);
    world.block();
    const back = 9n * STG - share!.amount + 2n * CLAIM_FEE;
    expect(balanceOf(world.creator)).toBe(kept + back);
    expect(listHistory(world.creator.state)).toContainEqual(
      expect.objectContaining({ act: "refund", direction: "in", amount: back }),
    );
    expect(world.creator.state.notes.get(packet.leaf)!.spent).toBeDefined();
    // Also after the packet is gone.
    expect(world.restored(payee)).toHaveLength(1);
  });

  it("[OU-8] what came of packets is spent like any coin", () => {
    const [share] = usableNotes(world.stranger.state);
    expect(share!.packet).toMatchObject({ type: "share" });
    const { packet: _packet, ...plain } = proposal;
    const proposalOut: PaymentProposal = {
      ...plain,
      amount: amount(1_000n),
      fee: amount(21_000n),
      inputs: [share!.leaf],
      change: [amount(share!.amount - 22_000n)],
    };
    const built = world.stranger.pay(proposalOut, CHAIN_ID, world.ledger.tip.header.time);
    world.block([built.transaction]);
    expect(balanceOf(world.stranger)).toBe(share!.amount - 22_000n);
  });
});

describe("packets behind gates", () => {
  const world = new PacketWorld("gates");

  it("[RP-4] a password guards claims, and neither the refund nor the greeting; a restore needs none", () => {
    const password = packetPasswordBytes("８８88")!;
    const packet = world.pack({ password: "８８88", plan: { split: "equal", total: amount(2n * STG), count: 2 } });
    expect(packet.hasPassword).toBe(true);
    expect(checkShares(curve, packet.core, { ...packet, guardedSecret: undefined })).toMatchObject({
      greeting: { text: "恭喜发财" },
      total: 2n * STG,
    });
    expect(() => world.claim(packet)).toThrow("wrong_password");
    const claim = world.claim(packet, { mode: "open" }, password);
    world.block([claim.bytes]);
    world.block();
    world.block();
    expect(world.stranger.state.claims.get(packet.leaf)).toMatchObject({ state: "drawn", hasPassword: true });
    expect(balanceOf(world.stranger)).toBe(STG);
    const kept = balanceOf(world.creator);
    world.block([], 60_000);
    world.block();
    expect(balanceOf(world.creator)).toBe(kept + STG + CLAIM_FEE);
  });

  it("[RP-5] a ticket lets its member in once", () => {
    const secrets = [0, 1, 2].map((rank) => hashToScalar(curve, "test/claim-key", Uint8Array.of(rank)));
    const claimKeys = secrets.map((secret) => schnorrPublicKey(curve, secret));
    const request = world.request();
    const linkSecret = deriveLinkSecret(faucetKeys.view.viewAllSecret, request.ephemeralKey);
    const keys = ticketKeys(curve, linkSecret, claimKeys)!;
    const packet = world.pack({ ...request, gate: { mode: "ticket", ticketRoot: ticketRoot(keys) } });
    const before = balanceOf(world.stranger);
    const pass = {
      mode: "ticket",
      ticket: ticketOf(keys, 2),
      ticketSecret: ticketSecret(curve, linkSecret, secrets[2]!, 2),
    } as const;
    const claim = world.claim(packet, pass);
    world.block([claim.bytes]);
    world.block();
    world.block();
    const { share, ticketKey } = world.stranger.state.claims.get(packet.leaf)!;
    expect(ticketKey).toEqual(keys[2]);
    expect(balanceOf(world.stranger)).toBe(before + share!.amount);
  });

  it("[RP-7] a creator closes his packet, and has the rest two blocks later", () => {
    const packet = world.pack();
    const kept = balanceOf(world.creator);
    const result = proposeTakeBack(world.creator.state, world.terms, packet.leaf);
    if (!result.ok) throw new Error(result.code);
    expect(result.proposal).toMatchObject({ fee: 0n, amount: 0n, inputs: [packet.leaf] });
    const built = world.creator.pay(result.proposal, CHAIN_ID, world.ledger.tip.header.time);
    expect(built.notAfter).toBe(packet.core.expiry);
    expect(proposeTakeBack(world.creator.state, world.terms, packet.leaf)).toMatchObject({ code: "packet_busy" });
    world.block([built.transaction]);
    world.block();
    expect(balanceOf(world.creator)).toBe(kept + 9n * STG + 3n * CLAIM_FEE);
    expect(world.creator.state.payments.get(Buffer.from(built.txid).toString("hex"))).toMatchObject({
      act: "packet_back",
      state: "final",
    });
    expect(proposeTakeBack(world.creator.state, world.terms, packet.leaf)).toMatchObject({ code: "unknown_packet" });
  });
});

describe("what is refused before it is built", () => {
  const world = new PacketWorld("refusals");
  const now = world.ledger.tip.header.time;
  const codeOf = (change: Partial<PacketRequest>): string => {
    const result = proposePacket(world.creator.state, world.terms, world.request(change));
    return result.ok ? "ok" : result.code;
  };

  it.each<[string, Partial<PacketRequest>, string]>([
    ["a packet for nobody", { plan: { split: "equal", total: amount(STG), count: 0 } }, "share_count"],
    ["24 bits and one of work", { gate: { mode: "chance", powBits: 25 } }, "gate_unfit"],
    ["no work at all", { gate: { mode: "chance", powBits: 0 } }, "gate_unfit"],
    ["a greeting of 103 bytes", { text: "a".repeat(103) }, "greeting_too_long"],
    ["a greeting of 102 bytes", { text: "a".repeat(102) }, "ok"],
    ["a password of 129 bytes", { password: "a".repeat(129) }, "password_too_long"],
    // The payment has to come into a block that takes a packet of this end.
    ["an end that is too near", { expiry: timeMs(now + 20_000 + PACKET_PAYMENT_LIFE_MS - 1) }, "expiry_too_soon"],
    ["the nearest end", { expiry: timeMs(now + 20_000 + PACKET_PAYMENT_LIFE_MS) }, "ok"],
    ["a time that is too short", { expiry: { afterMs: 20_000 + PACKET_PAYMENT_LIFE_MS - 1 } }, "expiry_too_soon"],
    ["the shortest time", { expiry: { afterMs: 20_000 + PACKET_PAYMENT_LIFE_MS } }, "ok"],
    ["the longest time", { expiry: { afterMs: 3_600_000 } }, "ok"],
    ["a time that is too long", { expiry: { afterMs: 3_600_001 } }, "expiry_too_late"],
    ["the farthest end", { expiry: timeMs(now + 3_600_000) }, "ok"],
    ["an end that is too far", { expiry: timeMs(now + 3_600_001) }, "expiry_too_late"],
    ["more than there is", { plan: { split: "equal", total: amount(200_000n * STG), count: 2 } }, "insufficient_funds"],
    [
      "shares and fees of 2^53",
      { plan: { split: "equal", total: amount(2n ** 53n - 1n), count: 2 } },
      "total_too_large",
    ],
  ])("[RP-1] %s", (_, change, code) => {
    expect(codeOf(change)).toBe(code);
  });

  it("[RP-1] counts the longest time from the newest block, however late the device's clock is", () => {
    const terms = { ...world.terms, nowMs: timeMs(now + 5_000) };
    const ordered = (expiry: PacketRequest["expiry"]): PacketOrder | undefined => {
      const result = proposePacket(world.creator.state, terms, world.request({ expiry }));
      return result.ok ? result.proposal.packet : undefined;
    };
    expect(ordered({ afterMs: 3_600_000 })).toMatchObject({ expiry: now + 3_600_000, latest: now + 3_580_000 });
    expect(ordered({ afterMs: 100_000 })).toMatchObject({ expiry: now + 105_000, latest: now + 85_000 });
    // A clock that is behind: the chain's time counts.
    const behind = { ...world.terms, nowMs: timeMs(now - 100_000) };
    const early = proposePacket(world.creator.state, behind, world.request({ expiry: { afterMs: 100_000 } }));
    expect(early.ok && early.proposal.packet).toMatchObject({ expiry: now + 100_000 });
  });

  it("[RP-1] [TX-2] a block that would be too late for the packet is too late for its payment", () => {
    const proposal = world.propose({ expiry: timeMs(now + 60_000) });
    const notes = proposal.inputs.map((leaf) => world.creator.state.notes.get(leaf)!.note);
    const job = { chainId: CHAIN_ID, proposal, notes, nowMs: now };
    const built = buildPayment(curve, world.random, faucetKeys, job);
    if (!built.ok) throw new Error(built.code);
    expect(built.payment.notAfter).toBe(now + 40_000);
    expect(decodeTransfer(built.payment.transaction).notAfter).toBe(now + 40_000);
    const shorter = { ...proposal.packet, latest: timeMs(now + 39_999) } as PacketOrder;
    const changed = { ...job, proposal: { ...proposal, packet: shorter } };
    expect(checkPayment(world.random, faucetKeys, changed, built.payment)).toBe(false);
    const long = world.propose({ expiry: { afterMs: 3_600_000 } });
    const other = buildPayment(curve, world.random, faucetKeys, { ...job, proposal: long });
    expect(other.ok && other.payment.notAfter).toBe(paymentEnd(now));
  });

  it("[RP-10] a greeting is as it will be read: what is no character is replaced before it is agreed to", () => {
    expect(world.propose({ text: "a\ud800b" }).packet).toMatchObject({ text: "a\ufffdb" });
    expect(codeOf({ text: "\ud800".repeat(34) })).toBe("ok");
    expect(codeOf({ text: "\ud800".repeat(35) })).toBe("greeting_too_long");
    expect(world.pack({ text: "a\ud800b" }).leaf).toBeGreaterThan(0);
  });

  it("[OU-12] a second packet under one D, whatever became of the first", () => {
    const request = world.request();
    const result = proposePacket(world.creator.state, world.terms, request);
    if (!result.ok) throw new Error(result.code);
    world.creator.pay(result.proposal, CHAIN_ID, now);
    expect(codeOf({ ephemeralKey: request.ephemeralKey })).toBe("key_used");
    // Built twice before either was stored, as two tabs may: the second is not kept.
    const size = world.creator.state.payments.size;
    const [note] = usableNotes(world.creator.state);
    const twice = {
      ...result.proposal,
      inputs: [note!.leaf],
      change: [amount(note!.amount - 9n * STG - 3n * CLAIM_FEE - 51_000n)],
      fee: amount(51_000n),
    };
    world.creator.pay(twice, CHAIN_ID, now);
    expect(world.creator.state.payments.size).toBe(size);
  });
});

describe("a packet that was built wrong", () => {
  const world = new PacketWorld("wrong");
  const proposal = world.propose();
  const notes = proposal.inputs.map((leaf) => world.creator.state.notes.get(leaf)!.note);
  const nowMs = world.ledger.tip.header.time;
  const job = { chainId: CHAIN_ID, proposal, notes, nowMs };
  const built = buildPayment(curve, world.random, faucetKeys, job);
  if (!built.ok) throw new Error(built.code);
  const { payment } = built;
  const transfer = decodeTransfer(payment.transaction);
  const at = transfer.outputs.findIndex(({ core }) => core.type === "packet");

  const bend = (change: (core: PacketCore) => PacketCore): boolean => {
    const outputs = transfer.outputs.map((output) => {
      return output.core.type === "packet" && isProvenOutput(output)
        ? { ...output, core: change(output.core) }
        : output;
    });
    const transaction = encodeTransaction({ ...transfer, outputs });
    return checkPayment(world.random, faucetKeys, job, { ...payment, transaction });
  };

  it("[RP-1] [TX-3] is never given out: proof, key, greeting, shares, order", () => {
    expect(at).toBeGreaterThanOrEqual(0);
    expect(bend((core) => core)).toBe(true);
    expect(bend((core) => ({ ...core, viewTag: core.viewTag.map((byte) => byte ^ 1) }))).toBe(false);
    expect(bend((core) => ({ ...core, refundKey: core.packetKey }))).toBe(false);
    expect(bend((core) => ({ ...core, greeting: new Uint8Array(160) }))).toBe(false);
    expect(bend((core) => ({ ...core, shares: [...core.shares].reverse() }))).toBe(false);
    const other = { ...job, proposal: { ...proposal, amount: amount(8n * STG) } };
    expect(checkPayment(world.random, faucetKeys, other, payment)).toBe(false);
    const gates: readonly PacketGate[] = [
      { mode: "chance", powBits: 3 },
      { mode: "ticket", ticketRoot: hash(new Uint8Array(32)) },
    ];
    const blob = { adBlobId: hash(new Uint8Array(32).fill(7)) };
    for (const change of [...gates.map((gate) => ({ gate })), blob]) {
      const ordered = { ...proposal, packet: { ...proposal.packet, ...change } as PacketOrder };
      expect(checkPayment(world.random, faucetKeys, { ...job, proposal: ordered }, payment)).toBe(false);
    }
    expect(buildPayment(curve, world.random, faucetKeys, other)).toMatchObject({ code: "notes_mismatch" });
  });
});
