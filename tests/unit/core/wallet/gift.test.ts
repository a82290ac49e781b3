import { describe, expect, it } from "vitest";
import { devFaucetSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { encodeTransaction } from "../../../../src/core/chain/transaction.ts";
import { schnorrPublicKey } from "../../../../src/core/crypto/schnorr.ts";
import {
  deriveGiftLinkSecret,
  deriveGiftSpendKey,
  deriveGiftViewSecret,
} from "../../../../src/core/red-packet/gift-secrets.ts";
import type { CompactItem } from "../../../../src/core/sync/compact-item.ts";
import { amount, MICRO_PER_STG, type Amount } from "../../../../src/core/values/amount.ts";
import type { Hash } from "../../../../src/core/values/hash.ts";
import { height, leafIndex, timeMs, type LeafIndex } from "../../../../src/core/values/height.ts";
import { buildPayment } from "../../../../src/core/wallet/build-payment.ts";
import { buildGiftCoin, noteSecret, openGift, openLinkedGift } from "../../../../src/core/wallet/gift-note.ts";
import { deriveAccount } from "../../../../src/core/wallet/keys.ts";
import { listHistory } from "../../../../src/core/wallet/list-history.ts";
import type { Note } from "../../../../src/core/wallet/note.ts";
import { packetTargets } from "../../../../src/core/wallet/packet-targets.ts";
import { proposeGift, proposeSweep, type PacketTerms } from "../../../../src/core/wallet/propose-packet.ts";
import type { PaymentProposal } from "../../../../src/core/wallet/propose-payment.ts";
import { startRestore } from "../../../../src/core/wallet/restore-state.ts";
import { scanGifts } from "../../../../src/core/wallet/scan-gifts.ts";
import { scanBlocks } from "../../../../src/core/wallet/scan-outputs.ts";
import { scanTags } from "../../../../src/core/wallet/scan-tags.ts";
import { stepWallet, type WalletEvent } from "../../../../src/core/wallet/step-wallet.ts";
import { diffWallet, restoreWallet } from "../../../../src/core/wallet/wallet-records.ts";
import { usableNotes, walletBalance, type WalletState } from "../../../../src/core/wallet/wallet-state.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { extendWith, scanBlockOf, TestWallet, termsOf } from "../../../support/wallet-chain.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const STG = MICRO_PER_STG;
const CHAIN_ID = 1000;
const SWEEP_FEE = 21_000n;
const creatorKeys = deriveAccount(curve, devFaucetSeed(), 0);
const { viewAllSecret } = creatorKeys.view;

describe("a gift's coin (9.1)", () => {
  const vector = vectors.gift;
  const linkSecret = hexBytes(vector.L);

  it("[RP-9] is that of the vectors, from the link alone", () => {
    const coin = buildGiftCoin(curve, linkSecret, hexBytes(vector.D), amount(BigInt(vector.amount)));
    expect(formatHex(deriveGiftSpendKey(curve, linkSecret))).toBe(vector.S_gift);
    expect(formatHex(deriveGiftViewSecret(linkSecret))).toBe(vector.ss);
    expect(formatHex(coin.fields.oneTimeKey)).toBe(vector.P);
    expect(formatHex(coin.fields.commitment)).toBe(vector.C);
    expect(formatHex(coin.fields.viewTag)).toBe(vector.vtag);
    const zero = {
      payloadTag: new Uint8Array(16),
      payloadHash: payee.view.viewAllSecret,
      rangeProofHash: payee.view.viewAllSecret,
    };
    const core = { type: "coin", ...coin.fields, ...zero } as Parameters<typeof openGift>[2];
    const opened = openGift(curve, linkSecret, core, { account: 0, isOwn: false })!;
    expect(opened).toMatchObject({ amount: BigInt(vector.amount), isInternal: true });
    const secret = noteSecret(curve, payee, { ...opened, leaf: 1, height: 1, timeMs: 1 } as unknown as Note);
    expect(formatHex(secret)).toBe(vector.spend_secret);
    expect(schnorrPublicKey(curve, secret)).toEqual(coin.fields.oneTimeKey);
    expect(openGift(curve, linkSecret.with(0, 0), core, { account: 0, isOwn: false })).toBeUndefined();
  });
});

/** A creator and a stranger over one ledger. */
class GiftWorld {
  readonly ledger;
  readonly creator: TestWallet;
  readonly stranger: TestWallet;
  readonly items: CompactItem[] = [];

  constructor(label: string) {
    this.ledger = new LedgerBuilder({ label });
    const start = this.ledger.tip.header;
    this.creator = new TestWallet(creatorKeys, start, `${label} creator`);
    this.stranger = new TestWallet(payee, start, `${label} stranger`);
    const coins = [1, 2, 3, 4].map(() => this.ledger.publicCoin(100n * STG));
    const fee = this.ledger.fee(
      [...coins, coins[0]!].map(({ output }) => output),
      1,
    );
    const rest = this.ledger.publicCoin(156_250n * STG - 400n * STG - fee);
    this.block([encodeTransaction(this.ledger.transferInto(this.ledger.take(1), [...coins, rest]).transaction)]);
  }

  terms(keys = creatorKeys): PacketTerms {
    return { ...termsOf(this.ledger), curve, view: keys.view };
  }

  block(transactions: readonly Uint8Array[] = []): CompactItem {
    const item = extendWith(this.ledger, transactions);
    this.items.push(item);
    this.creator.read(item);
    this.stranger.read(item);
    return item;
  }

  pay(
    wallet: TestWallet,
    result: ReturnType<typeof proposeGift>,
  ): { proposal: PaymentProposal; transaction: Uint8Array } {
    if (!result.ok) throw new Error(result.code);
    const { transaction } = wallet.pay(result.proposal, CHAIN_ID, this.ledger.tip.header.time);
    return { proposal: result.proposal, transaction };
  }

  give(micro: bigint): { readonly proposal: PaymentProposal; readonly gift: Note } {
    const { proposal, transaction } = this.pay(
      this.creator,
      proposeGift(this.creator.state, this.terms(), amount(micro)),
    );
    this.block([transaction]);
    return { proposal, gift: giftsOf(this.creator).at(-1)! };
  }

  /** The stranger follows a link: its coin is read in its bucket, and stands among his notes. */
  open(linkSecret: Uint8Array, leaf: LeafIndex): Note | undefined {
    for (const item of this.items) {
      const core = item.outputs?.[leaf - item.compact.firstLeaf]?.core;
      const opened = core && openLinkedGift(curve, payee, linkSecret, core);
      if (opened === undefined) continue;
      const note: Note = { ...opened, leaf, height: item.header.height, timeMs: item.header.time };
      const { height } = this.ledger.tip.header;
      this.stranger.state = stepWallet(this.stranger.state, { type: "gift-opened", note, height })[0];
      return note;
    }
    return undefined;
  }
}

const giftsOf = ({ state }: TestWallet): readonly Note[] =>
  [...state.notes.values()].flatMap(({ note }) => (note.packet?.type === "gift" ? [note] : []));
const balanceOf = (wallet: TestWallet): Amount => walletBalance(wallet.state)!.total;
const secretOf = (note: Note): Uint8Array => (note.packet?.type === "gift" ? note.packet.linkSecret : new Uint8Array());

describe("a gift from one to another", () => {
  const world = new GiftWorld("gift");
  const before = balanceOf(world.creator);
  const { proposal, gift } = world.give(7n * STG);

  it("[OU-6] looks like a payment, and its creator sees it by its change", () => {
    expect(balanceOf(world.creator)).toBe(before - 7n * STG - proposal.fee);
    const item = world.items.at(-1)!;
    const types = new Set(item.outputs!.map(({ core }) => core.type));
    expect([...types]).toEqual(["coin"]);
    expect(new Set(item.compact.entries.map(({ ephemeralKey }) => formatHex(ephemeralKey))).size).toBe(1);
    expect(gift).toMatchObject({ amount: 7n * STG, packet: { type: "gift", isOwn: true } });
    expect(secretOf(gift)).toEqual(deriveGiftLinkSecret(viewAllSecret, gift.ephemeralKey));
    expect(usableNotes(world.creator.state).some(({ leaf }) => leaf === gift.leaf)).toBe(false);
    expect(listHistory(world.creator.state)[0]).toMatchObject({ act: "gift", direction: "out", amount: 7n * STG });
  });

  it("[OU-12] never has the L of another, also from a wallet that knows nothing of it, or of the same proposal", () => {
    const proposed = proposeGift(world.creator.state, world.terms(), amount(STG));
    if (!proposed.ok) throw new Error(proposed.code);
    const { inputs } = proposed.proposal;
    // A wallet just restored from the same words: the gift before is taken, and nothing tells that there was one.
    const restored = { ...world.creator.state, payments: new Map() };
    const again = proposeGift(restored, world.terms(), amount(STG));
    if (!again.ok) throw new Error(again.code);
    const random = seededRandom("gifts of two devices");
    const made = [proposed.proposal, proposed.proposal, again.proposal].map((proposal) => {
      const notes = inputs.map((leaf) => world.creator.state.notes.get(leaf)!.note);
      const nowMs = world.ledger.tip.header.time;
      const result = buildPayment(curve, random, creatorKeys, { chainId: CHAIN_ID, proposal, notes, nowMs });
      if (!result.ok) throw new Error(result.code);
      return result.payment.anchorSource;
    });
    const secrets = [gift.ephemeralKey, ...made].map((each) => deriveGiftLinkSecret(viewAllSecret, each));
    expect(new Set(secrets.map(formatHex)).size).toBe(4);
  });

  it("[OU-12] is not stored under a D that has had one, whatever became of that", () => {
    const proposed = proposeGift(world.creator.state, world.terms(), amount(STG));
    if (!proposed.ok) throw new Error(proposed.code);
    const { proposal } = proposed;
    const before = [...world.creator.state.payments.values()].find(({ act }) => act === "gift")!;
    const built = {
      transaction: new Uint8Array(1),
      txid: creatorKeys.view.viewAllSecret as Hash,
      outputs: [],
      anchorSource: before.anchorSource,
      notAfter: before.notAfter,
    };
    const event = { type: "payment-built", proposalId: "again", proposal, built, nowMs: before.createdMs } as const;
    const [state, effects] = stepWallet(world.creator.state, event);
    expect(effects).toMatchObject([{ type: "payment-refused", code: "funds_changed" }]);
    expect(state.payments).toBe(world.creator.state.payments);
  });

  it("comes to whoever has the link, less the fee of taking it, in two coins", () => {
    expect(world.open(secretOf(gift).with(0, 0), gift.leaf)).toBeUndefined();
    expect(world.open(secretOf(gift), gift.leaf)).toMatchObject({ amount: 7n * STG });
    expect(balanceOf(world.stranger)).toBe(0n);
    const { proposal: sweep, transaction } = world.pay(
      world.stranger,
      proposeSweep(world.stranger.state, world.terms(payee), gift.leaf),
    );
    expect(sweep).toMatchObject({ amount: 7n * STG - SWEEP_FEE, fee: SWEEP_FEE, packet: { act: "gift_taken" } });
    expect(proposeSweep(world.stranger.state, world.terms(payee), gift.leaf)).toMatchObject({ code: "packet_busy" });
    expect(balanceOf(world.stranger)).toBe(7n * STG - SWEEP_FEE);
    world.block([transaction]);
    expect(balanceOf(world.stranger)).toBe(7n * STG - SWEEP_FEE);
    expect(usableNotes(world.stranger.state)).toHaveLength(2);
    expect(listHistory(world.stranger.state)).toMatchObject([{ act: "gift_taken", direction: "in", state: "final" }]);
  });

  it("is seen as taken by its creator, who cannot take it back any more", () => {
    expect(world.creator.state.notes.get(gift.leaf)!.spent).toMatchObject({ txid: undefined });
    expect(proposeSweep(world.creator.state, world.terms(), gift.leaf)).toMatchObject({ code: "unknown_gift" });
  });

  it("comes back to a creator who opens it first; the other is told that it is gone", () => {
    const { gift: unopened } = world.give(3n * STG);
    world.open(secretOf(unopened), unopened.leaf);
    const late = world.pay(world.stranger, proposeSweep(world.stranger.state, world.terms(payee), unopened.leaf));
    const kept = balanceOf(world.creator);
    const back = world.pay(world.creator, proposeSweep(world.creator.state, world.terms(), unopened.leaf));
    expect(back.proposal.packet).toEqual({ act: "gift_back" });
    world.block([back.transaction]);
    expect(balanceOf(world.creator)).toBe(kept + 3n * STG - SWEEP_FEE);
    const lost = [...world.stranger.state.payments.values()].at(-1)!;
    expect(lost).toMatchObject({ act: "gift_taken", state: "failed", failure: "conflict" });
    expect(late.proposal.amount).toBe(lost.amount);
  });

  it("[EN-3] is kept on disk with its secret, and comes back as it was", () => {
    const { puts } = diffWallet(undefined, world.creator.state);
    const again = restoreWallet(puts);
    expect(again.ok && again.value?.notes).toEqual(world.creator.state.notes);
    expect(again.ok && again.value?.payments).toEqual(world.creator.state.payments);
  });

  it("[RP-9] is worth more than taking it costs, or is not made", () => {
    const codeOf = (micro: bigint): string => {
      const result = proposeGift(world.creator.state, world.terms(), amount(micro));
      return result.ok ? "ok" : result.code;
    };
    expect(codeOf(0n)).toBe("amount_zero");
    expect(codeOf(SWEEP_FEE)).toBe("gift_below_fee");
    expect(codeOf(SWEEP_FEE + 1n)).toBe("ok");
    expect(codeOf(200_000n * STG)).toBe("insufficient_funds");
  });
});

describe("a gift that a link has led to", () => {
  const world = new GiftWorld("opened");
  const { gift } = world.give(5n * STG);
  const before = world.stranger.state;
  const opened = world.open(secretOf(gift), gift.leaf)!;
  const { scanned } = before;
  const at = world.ledger.tip.header.height;
  const events = (note = opened, height = at): WalletEvent => ({ type: "gift-opened", note, height });
  const unspent = (wallet: WalletState): boolean => wallet.notes.get(gift.leaf)!.spent === undefined;

  it("[NW-18] is stored before anything of its sweep leaves, once, and is in no balance", () => {
    const [wallet] = stepWallet(before, events());
    const { puts } = diffWallet(before, wallet);
    expect(puts.map(({ key }) => key)).toEqual(["notes/000000000", "wallet-counts"]);
    expect(wallet.notes.get(gift.leaf)).toMatchObject({ note: { packet: { type: "gift", isOwn: false } } });
    expect(walletBalance(wallet)!.total).toBe(0n);
    expect(stepWallet(wallet, events())[0]).toBe(wallet);
  });

  it("[RP-9] is told from a gift of one's own by its D", () => {
    const item = world.items.at(-1)!;
    const { core } = item.outputs![gift.leaf - item.compact.firstLeaf]!;
    expect(openLinkedGift(curve, creatorKeys, secretOf(gift), core)!.packet).toMatchObject({ isOwn: true });
    expect(openLinkedGift(curve, payee, secretOf(gift), core)!.packet).toMatchObject({ isOwn: false });
    expect(stepWallet(world.creator.state, events())[0]).toBe(world.creator.state);
  });

  it("is not believed to be there still where blocks since then were read", () => {
    const next = { ...before, scanned: { ...scanned!, height: height(scanned!.height + 1) } };
    expect(stepWallet(next, events())[0]).toBe(next);
    expect(stepWallet({ ...before, scanned: undefined }, events())[0].notes.size).toBe(0);
    expect(() => stepWallet(before, events({ ...opened, packet: undefined } as unknown as Note))).toThrow(RangeError);
  });

  const boundary = { height: height(900), timeMs: timeMs(9e12), utxoRoot: viewAllSecret as Hash, nextLeaf: 90_000 };
  const missed: WalletEvent = {
    type: "blocks-missed",
    trusted: { height: boundary.height, timeMs: boundary.timeMs },
    boundary,
    firstLeaf: 80_000,
  };
  const scan = (range: number, ...hits: readonly number[]): WalletEvent => ({
    type: "restore-range-scanned",
    range,
    boundary,
    outputCount: 1,
    hits: hits.map(leafIndex),
  });
  const after = (wallet: WalletState, ...steps: readonly WalletEvent[]): WalletState =>
    steps.reduce((state, event) => stepWallet(state, event)[0], wallet);

  it("[LC-2] makes no absent wallet read the chain from the gift on, unless it is being taken", () => {
    const idle = after(before, events(), missed);
    expect(idle.restore!.firstRange).toBe(Math.floor(80_000 / 1_024));
    const taken = new GiftWorld("taken");
    const { gift: other } = taken.give(5n * STG);
    taken.open(secretOf(other), other.leaf);
    taken.pay(taken.stranger, proposeSweep(taken.stranger.state, taken.terms(payee), other.leaf));
    expect(after(taken.stranger.state, missed).restore!.firstRange).toBe(0);
  });

  it("[LC-2] is still there where its range shows it, and gone where not", () => {
    const { restore: _none, ...rest } = after(before, events());
    const restoring = after({ ...rest, restore: startRestore(undefined) }, missed);
    expect(unspent(after(restoring, scan(0, gift.leaf)))).toBe(true);
    expect(after(restoring, scan(0, gift.leaf)).restore!.hits).toEqual([]);
    expect(unspent(after(restoring, scan(0)))).toBe(false);
  });
});

describe("gifts after a restore (9.1)", () => {
  const world = new GiftWorld("restore");
  const made = Array.from({ length: 3 }, (_, index) => world.give(BigInt(1 + index) * STG).gift);
  const live = world.items.at(-1)!;
  const gifts = "everywhere";

  it("are looked for under every D while a restore runs, else under our own", () => {
    expect(packetTargets(world.creator.state).gifts).toBe("beside_ours");
    const restoring = { ...world.creator.state, restore: startRestore(undefined) };
    expect(packetTargets(restoring).gifts).toBe("everywhere");
  });

  it("are found among live outputs also where their change is spent, however many were made before", () => {
    const entries = live.compact.entries;
    const place = entries.findIndex((_, index) => live.compact.firstLeaf + index === made[2]!.leaf);
    const alone = [entries[place]!];
    const job = {
      ephemeralKeys: concatBytes(...alone.map(({ ephemeralKey }) => ephemeralKey)),
      viewTags: concatBytes(...alone.map(({ viewTag }) => viewTag)),
    };
    expect(scanTags(curve, creatorKeys.view, { ...job, gifts }).places).toEqual([0]);
    expect(scanTags(curve, creatorKeys.view, { ...job, gifts: "beside_ours" }).places).toEqual([]);
    expect(scanTags(curve, creatorKeys.view, job).places).toEqual([]);
    const scan = scanBlockOf(live);
    const output = scan.outputs[place];
    const block = { ...scan, firstLeaf: made[2]!.leaf, entries: alone, outputs: [output] };
    const { notes } = scanBlocks(curve, creatorKeys.view, { account: 0, addressCount: 1, gifts, blocks: [block] });
    expect(notes).toEqual([made[2]]);
    expect(scanBlocks(curve, payee.view, { account: 0, addressCount: 1, gifts, blocks: [block] }).notes).toEqual([]);
  });

  it("are found beside their change by tags alone, as on a busy chain", () => {
    const { entries } = live.compact;
    const job = {
      ephemeralKeys: concatBytes(...entries.map(({ ephemeralKey }) => ephemeralKey)),
      viewTags: concatBytes(...entries.map(({ viewTag }) => viewTag)),
      gifts: "beside_ours",
    } as const;
    expect(scanTags(curve, creatorKeys.view, job).places).toEqual([...entries.keys()]);
  });

  it("are found under many D of strangers, each by the secret of its own", () => {
    const strangers = Array.from({ length: 40 }, (_, index) => ({
      ephemeralKey: new Uint8Array(32).fill(index + 1),
      viewTag: new Uint8Array(2),
    }));
    const mine = live.compact.entries;
    const all = [...strangers.slice(0, 20), ...mine, ...strangers.slice(20)];
    const hits = scanGifts(
      curve,
      viewAllSecret,
      all.map(({ ephemeralKey, viewTag }, place) => ({ place, ephemeralKey, viewTag })),
    );
    const place = 20 + mine.findIndex((_, index) => live.compact.firstLeaf + index === made[2]!.leaf);
    expect(hits).toEqual([{ place, linkSecret: secretOf(made[2]!) }]);
  });
});
