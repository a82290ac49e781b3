import { beforeAll, describe, expect, it } from "vitest";
import { devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { decodeTransaction } from "../../../../src/core/chain/transaction.ts";
import { stakeStateHash } from "../../../../src/core/state/leaf-state.ts";
import { stakeAt } from "../../../../src/core/state/stakes.ts";
import { amount, MICRO_PER_STG } from "../../../../src/core/values/amount.ts";
import { leafIndex, timeMs, type LeafIndex } from "../../../../src/core/values/height.ts";
import { buildPayment } from "../../../../src/core/wallet/build-payment.ts";
import { listHistory } from "../../../../src/core/wallet/list-history.ts";
import { proposePayment } from "../../../../src/core/wallet/propose-payment.ts";
import {
  proposeUnstake,
  proposeWithdrawal,
  type ProposeStakeResult,
} from "../../../../src/core/wallet/propose-stake.ts";
import {
  acceptStake,
  formatStakeAcceptance,
  formatStakeOffer,
  makeStakeOffer,
  parseStakeAcceptance,
  parseStakeOffer,
} from "../../../../src/core/wallet/stake-offer.ts";
import { startRestore, type RestoreBoundary } from "../../../../src/core/wallet/restore-state.ts";
import { changeTerms, followStake, isStakeNote, type StakeNote } from "../../../../src/core/wallet/stake-state.ts";
import { stepWallet } from "../../../../src/core/wallet/step-wallet.ts";
import {
  decodeNotes,
  diffWallet,
  encodeNotes,
  isNewerRecord,
  restoreWallet,
} from "../../../../src/core/wallet/wallet-records.ts";
import { liveStakes, usableNotes, walletBalance, type WalletState } from "../../../../src/core/wallet/wallet-state.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { seededRandom } from "../../../support/test-random.ts";
import { keys, proposalOf, Staker, VALIDATOR } from "../../../support/staker.ts";
import { extendWith, itemOf, TestWallet } from "../../../support/wallet-chain.ts";
import { curve, payee } from "../../../support/wallet-vectors.ts";

const STG = MICRO_PER_STG;
const MINUTE_MS = 60_000;
const random = seededRandom("stake wallet");

const codeOf = (proposed: ProposeStakeResult): string => (proposed.ok ? "ok" : proposed.code);

describe("an offer to stake, and its acceptance", () => {
  const offer = makeStakeOffer(curve, random, keys.view, 1_000, fakeBls.publicKey(VALIDATOR));
  const accepted = acceptStake(fakeBls, VALIDATOR, offer);

  it("[ST-1] are one line of text each, and no other text is one", () => {
    expect(parseStakeOffer(formatStakeOffer(offer))).toEqual(offer);
    expect(parseStakeAcceptance(formatStakeAcceptance(accepted))).toEqual(accepted);
    expect(parseStakeAcceptance(formatStakeOffer(offer))).toBeUndefined();
    expect(parseStakeOffer(formatStakeAcceptance(accepted))).toBeUndefined();
    const text = formatStakeOffer(offer);
    for (const other of [
      "",
      text.toUpperCase(),
      `${text}q`,
      text.slice(0, -1),
      text.replace("dstg", "tstg"),
      "x".repeat(9_999),
    ])
      expect(parseStakeOffer(other)).toBeUndefined();
    expect(text).toMatch(/^dstgoffer1/);
    expect(formatStakeAcceptance(accepted)).toMatch(/^dstgaccept1/);
  });

  it("[OU-8] is under another D each time", () => {
    const other = makeStakeOffer(curve, random, keys.view, 1_000, fakeBls.publicKey(VALIDATOR));
    expect(other.ephemeralKey).not.toEqual(offer.ephemeralKey);
    expect(other.oneTimeKey).not.toEqual(offer.oneTimeKey);
  });
});

describe("a wallet stakes", () => {
  let staker: Staker;
  beforeAll(() => {
    staker = new Staker();
  });

  it("[ST-1] names the least that may be locked before anything is built", () => {
    const minimum = BigInt(staker.terms.params.minStake) / 10n;
    expect(staker.propose(minimum - 1n)).toEqual({ ok: false, code: "stake_too_small", minimum });
    expect(codeOf(staker.propose(minimum))).toBe("ok");
    expect(codeOf(staker.propose(10_000_000n * STG))).toBe("insufficient_funds");
  });

  it("[ST-1] takes no acceptance but that of the key, for this wallet and this network", () => {
    const { chainId } = staker.terms;
    const [blsKey, other] = [fakeBls.publicKey(VALIDATOR), devValidatorSeed(3)];
    const own = makeStakeOffer(curve, random, keys.view, chainId, blsKey);
    const forged = acceptStake(fakeBls, other, own);
    expect(codeOf(staker.propose(500n * STG, formatStakeAcceptance(forged)))).toBe("acceptance_invalid");
    expect(codeOf(staker.propose(500n * STG, "no acceptance"))).toBe("acceptance_invalid");
    const foreign = makeStakeOffer(curve, random, payee.view, chainId, blsKey);
    const stolen = formatStakeAcceptance(acceptStake(fakeBls, VALIDATOR, foreign));
    expect(codeOf(staker.propose(500n * STG, stolen))).toBe("acceptance_foreign");
    const elsewhere = acceptStake(fakeBls, VALIDATOR, { ...own, chainId: chainId + 1 });
    expect(codeOf(staker.propose(500n * STG, formatStakeAcceptance(elsewhere)))).toBe("acceptance_foreign");
    // Our address with a P that we have no key for.
    const keyless = acceptStake(fakeBls, VALIDATOR, { ...own, oneTimeKey: foreign.oneTimeKey });
    expect(codeOf(staker.propose(500n * STG, formatStakeAcceptance(keyless)))).toBe("acceptance_foreign");
  });

  it("[ST-1] [OU-11] locks coins in a transaction that nodes take, and finds the stake by scanning", () => {
    const before = walletBalance(staker.wallet.state)!;
    const acceptance = staker.acceptance();
    const proposal = proposalOf(staker.propose(500n * STG, acceptance));
    staker.make({ ok: true, proposal });
    const { stake } = staker;
    expect(stake).toMatchObject({ amount: 500n * STG, addressIndex: 0, counter: 0, isInternal: true });
    expect(stake.stake).toEqual({ blsKey: fakeBls.publicKey(VALIDATOR), status: "bonded", release: 0 });
    expect(stakeAt(staker.ledger.tip.stakes, stake.leaf)?.state.amount).toBe(500n * STG);
    expect(walletBalance(staker.wallet.state)).toEqual({
      total: before.total - 500n * STG - proposal.fee,
      usable: before.total - 500n * STG - proposal.fee,
    });
    expect(listHistory(staker.wallet.state)[0]).toMatchObject({ act: "stake", state: "final", to: undefined });
    // OU-8: change would stand under the same D with the same n.
    expect(codeOf(staker.propose(500n * STG, acceptance))).toBe("acceptance_used");
  });

  it("a stake is never taken for a coin", () => {
    const leaves = usableNotes(staker.wallet.state).map(({ leaf }) => leaf);
    expect(leaves).not.toContain(staker.stake.leaf);
    const total = walletBalance(staker.wallet.state)!.total;
    const paid = proposePayment(curve, staker.wallet.state, staker.terms, {
      to: proposalOf(staker.propose(500n * STG)).to,
      amount: total,
      memo: "",
    });
    expect(paid).toMatchObject({ ok: false, code: "insufficient_funds" });
    // Nor does the worker that holds the keys sign one away.
    const proposal = proposalOf(staker.propose(500n * STG));
    const order = { ...proposal, inputs: [staker.stake.leaf], change: [] };
    const job = { chainId: staker.terms.chainId, proposal: order, notes: [staker.stake], nowMs: timeMs(1) };
    expect(buildPayment(curve, random, keys, job)).toEqual({ ok: false, code: "notes_mismatch" });
  });

  it("[ST-5] asks for it back once, and nothing before it is released gives it back", () => {
    const { stake } = staker;
    expect(codeOf(proposeWithdrawal(staker.wallet.state, staker.terms, stake.leaf))).toBe("not_released");
    expect(codeOf(proposeUnstake(staker.wallet.state, staker.terms, leafIndex(0)))).toBe("unknown_stake");
    const proposal = proposalOf(proposeUnstake(staker.wallet.state, staker.terms, stake.leaf));
    const { transaction } = staker.wallet.pay(proposal, staker.terms.chainId, staker.ledger.tip.header.time);
    expect(decodeTransaction(transaction)).toMatchObject({ kind: "unbond", stake: stake.leaf });
    expect(codeOf(proposeUnstake(staker.wallet.state, staker.terms, stake.leaf))).toBe("stake_busy");
    staker.read(extendWith(staker.ledger, [transaction]));
    expect(staker.stake).toMatchObject({
      amount: 500n * STG - proposal.fee,
      stake: { status: "unbonding", release: 0 },
    });
    expect([...staker.wallet.state.payments.values()].at(-1)).toMatchObject({ act: "unstake", state: "final" });
    expect(codeOf(proposeUnstake(staker.wallet.state, staker.terms, stake.leaf))).toBe("already_unbonding");
    // Nor does a proposal of before, confirmed only now: it has the id of the one that is final.
    const before = staker.wallet.state.payments;
    staker.wallet.pay(proposal, staker.terms.chainId, staker.ledger.tip.header.time);
    expect(staker.wallet.state.payments).toEqual(before);
  });

  it("[ST-5] asks again after a try that came too late: the same bytes, in the same place of the store", () => {
    const late = new Staker();
    late.lock(500n * STG);
    const { chainId } = late.terms;
    const stored = new Map<string, Uint8Array>();
    const keep = (before: WalletState | undefined): void => {
      for (const { key, bytes } of diffWallet(before, late.wallet.state).puts) stored.set(key, bytes);
    };
    keep(undefined);
    const ask = (): Uint8Array => {
      const before = late.wallet.state;
      const proposal = proposalOf(proposeUnstake(before, late.terms, late.stake.leaf));
      const { txid } = late.wallet.pay(proposal, chainId, late.ledger.tip.header.time);
      keep(before);
      return txid;
    };
    const first = ask();
    const before = late.wallet.state;
    late.read(itemOf(late.ledger.extend([], { afterMs: 30 * MINUTE_MS }), late.ledger));
    keep(before);
    const payments = () => [...late.wallet.state.payments.values()];
    expect(payments().at(-1)).toMatchObject({ act: "unstake", state: "failed", failure: "expired" });
    expect(ask()).toEqual(first);
    expect(payments().map(({ state }) => state)).toEqual(["final", "queued"]);
    const records = [...stored].map(([key, bytes]) => ({ key, bytes }));
    expect(restoreWallet(records)).toMatchObject({ ok: true, value: { payments: late.wallet.state.payments } });
  });

  it("[ST-5] knows the time of its release from the block that fixes it, and withdraws from then on", () => {
    staker.boundary();
    const { release } = staker.stake.stake;
    expect(release).toBe(stakeAt(staker.ledger.tip.stakes, staker.stake.leaf)!.state.release);
    expect(release).toBeGreaterThan(0);
    const { leaf, amount: worth } = staker.stake;
    const advance = (to: number) => {
      const afterMs = to - staker.ledger.tip.header.time;
      staker.read(itemOf(staker.ledger.extend([], { afterMs }), staker.ledger));
    };
    while (staker.ledger.tip.header.time + 120_000 < release) advance(staker.ledger.tip.header.time + 60_000);
    advance(release - 1);
    expect(codeOf(proposeWithdrawal(staker.wallet.state, staker.terms, leaf))).toBe("not_released");
    advance(release + 1_000);
    const before = walletBalance(staker.wallet.state)!.total;
    const proposal = proposalOf(proposeWithdrawal(staker.wallet.state, staker.terms, leaf));
    staker.make({ ok: true, proposal });
    expect(liveStakes(staker.wallet.state)).toEqual([]);
    expect(walletBalance(staker.wallet.state)!.total).toBe(before + worth - proposal.fee);
    expect(listHistory(staker.wallet.state)[0]).toMatchObject({ act: "withdraw", direction: "in", state: "final" });
    expect(codeOf(proposeWithdrawal(staker.wallet.state, staker.terms, leaf))).toBe("unknown_stake");
  });
});

describe("what becomes of a stake", () => {
  const params = { ...new LedgerBuilder({ label: "terms" }).tip.chain.params };
  const terms = changeTerms(params, [1_000, 1_250], timeMs(5_000));
  const note = stakeNote(7, 100n * STG);

  function stakeNote(leaf: number, micro: bigint): StakeNote {
    const stake = { blsKey: new Uint8Array(48).fill(1), status: "bonded", release: timeMs(0) } as const;
    return { leaf: leafIndex(leaf), amount: amount(micro), stake } as unknown as StakeNote;
  }

  const followed = (from: StakeNote, state: { isUnbonding: boolean; amount: bigint; release: number }): StakeNote => {
    const after = { ...state, amount: amount(state.amount), release: timeMs(state.release) };
    return followStake(from, { leaf: from.leaf, state: stakeStateHash(after), ...terms });
  };

  it("[ST-4] [ST-5] is found by what a block allows: an unbond of any factor, a slash, a release", () => {
    const whole = 100n * STG;
    const fee = terms.fees[3]!;
    expect(followed(note, { isUnbonding: true, amount: whole - fee, release: 0 })).toMatchObject({
      amount: whole - fee,
      stake: { status: "unbonding", release: 0 },
    });
    const cut = whole - (whole * BigInt(params.slashBp)) / 10_000n;
    expect(followed(note, { isUnbonding: false, amount: cut, release: 0 })).toMatchObject({ amount: cut });
    const unbonding = followed(note, { isUnbonding: true, amount: whole - fee, release: 0 });
    const release = 5_000 + params.unbondingMs;
    expect(followed(unbonding, { isUnbonding: true, amount: whole - fee, release }).stake.release).toBe(release);
  });

  it("is unclear where no rule explains it, and stays so", () => {
    const strange = followed(note, { isUnbonding: false, amount: 1n, release: 0 });
    expect(strange.stake.status).toBe("unknown");
    expect(followed(strange, { isUnbonding: false, amount: 100n * STG, release: 0 }).stake.status).toBe("unknown");
  });
});

describe("a stake in the store", () => {
  it("is of a version that an app which knows no stakes calls newer", () => {
    const staker = new Staker();
    staker.lock(500n * STG);
    const kept = [...staker.wallet.state.notes.values()].sort((left, right) => left.sequence - right.sequence);
    const bytes = encodeNotes(kept);
    expect(bytes[0]).toBe(2);
    expect(decodeNotes(bytes)).toEqual(kept);
    expect(
      encodeNotes(kept.filter(({ note }) => !isStakeNote(note)).map((each, sequence) => ({ ...each, sequence })))[0],
    ).toBe(1);
    expect(isNewerRecord({ key: "notes/000000000", bytes })).toBe(false);
    expect(isNewerRecord({ key: "notes/000000000", bytes: Uint8Array.of(5) })).toBe(true);
  });
});

describe("[BL-8] a restore of a wallet with a stake", () => {
  it("reads its state at the boundary and what blocks have done to it since", () => {
    const staker = new Staker();
    const { leaf } = staker.lock(500n * STG);
    const kept = staker.stake;
    const { header } = staker.ledger.tip;
    const boundary = {
      height: header.height,
      timeMs: header.time,
      utxoRoot: header.utxoRoot,
      nextLeaf: header.nextLeaf,
    };
    // Another device with the same words begins at this boundary, and asks for the stake back while it still looks.
    const other = new TestWallet(keys, header, "other device");
    const begun = { ...other.state, scanned: undefined, restore: startRestore(undefined) };
    const trusted = { height: header.height, timeMs: header.time };
    other.state = stepWallet(begun, { type: "chain-found", trusted, boundary })[0];
    const item = staker.make(proposeUnstake(staker.wallet.state, staker.terms, leaf));
    other.read(item);
    other.state = restoreAt(other, boundary, leaf, kept);
    expect(liveStakes(other.state)[0]).toMatchObject({
      leaf,
      amount: staker.stake.amount,
      stake: { status: "unbonding" },
    });
  });

  function restoreAt(other: TestWallet, boundary: RestoreBoundary, leaf: LeafIndex, note: StakeNote) {
    const [scanned] = stepWallet(other.state, {
      type: "restore-range-scanned",
      range: 0,
      boundary,
      outputCount: 10,
      hits: [leaf],
    });
    return stepWallet(scanned, { type: "restore-buckets-opened", buckets: [Math.floor(leaf / 64)], notes: [note] })[0];
  }
});
