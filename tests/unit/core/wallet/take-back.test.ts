import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import type { Address } from "../../../../src/core/values/address.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import type { BuiltPayment } from "../../../../src/core/wallet/built-payment.ts";
import type { Note } from "../../../../src/core/wallet/note.ts";
import type { Payment } from "../../../../src/core/wallet/payment.ts";
import type { PaymentProposal } from "../../../../src/core/wallet/propose-payment.ts";
import type { RestoreBoundary } from "../../../../src/core/wallet/restore-state.ts";
import type { ScannedBlock } from "../../../../src/core/wallet/scanned-block.ts";
import { stepWallet, type WalletEffect, type WalletEvent } from "../../../../src/core/wallet/step-wallet.ts";
import { diffWallet, restoreWallet } from "../../../../src/core/wallet/wallet-records.ts";
import { EMPTY_WALLET, lockedLeaves, type WalletState } from "../../../../src/core/wallet/wallet-state.ts";
import { packet } from "../../../support/packet-vectors.ts";
import { testNote } from "../../../support/wallet-values.ts";

const LEAF = leafIndex(300);
const EXPIRY = 60_000;
const core = { ...packet.core, expiry: timeMs(EXPIRY) };
const own = testNote(LEAF, 900n, { packet: { type: "packet", core, hasPassword: false } });
const refund = testNote(500, 900n, { isInternal: true, packet: { type: "refund", packetLeaf: LEAF } });
const proposal: PaymentProposal = {
  to: "dstg1nobody" as Address,
  recipient: { spendKey: new Uint8Array(32), viewKey: new Uint8Array(32) },
  amount: amount(0n),
  fee: amount(0n),
  memo: undefined,
  inputs: [LEAF],
  change: [],
  usableAfter: amount(0n),
  totalAfter: amount(0n),
  feeMultiplier: 1_000,
  madeMs: timeMs(12_000),
  packet: { act: "packet_back" },
};
/** As `buildTakeBack` makes it, but for the signature: there is no random part in its id. */
const built: BuiltPayment = {
  transaction: new Uint8Array(75),
  txid: hash32("test/take-back"),
  outputs: [],
  anchorSource: new Uint8Array(32),
  notAfter: core.expiry,
};

function block(at: number, parts: Partial<ScannedBlock> = {}): WalletEvent {
  const empty = { spent: [], firstLeaf: leafIndex(500), outputHashes: [], notes: [] };
  const scanned: ScannedBlock = { height: height(at), timeMs: timeMs(1_000 * at), ...empty, ...parts };
  return { type: "blocks-scanned", blocks: [scanned] };
}

const blocksTo = (from: number, to: number): readonly WalletEvent[] =>
  Array.from({ length: to - from }, (_, index) => block(from + index));

/** A wallet over a store that is read anew behind each step. */
class Device {
  readonly store = new Map<string, Uint8Array>();
  state: WalletState = EMPTY_WALLET;
  effects: readonly WalletEffect[] = [];

  constructor(...notes: readonly Note[]) {
    for (const { key, bytes } of diffWallet(undefined, EMPTY_WALLET).puts) this.store.set(key, bytes);
    this.hear({ type: "chain-found", trusted: { height: height(10), timeMs: timeMs(10_000) } }, block(11, { notes }));
  }

  hear(...events: readonly WalletEvent[]): this {
    for (const event of events) {
      const [next, effects] = stepWallet(this.state, event);
      const { puts, deletes } = diffWallet(this.state, next);
      for (const key of deletes) this.store.delete(key);
      for (const { key, bytes } of puts) this.store.set(key, bytes);
      this.state = next;
      this.effects = effects;
    }
    const again = restoreWallet([...this.store].map(([key, bytes]) => ({ key, bytes })));
    if (!again.ok) throw new Error(again.reason);
    expect(again.value).toEqual({ ...this.state, reserved: new Map() });
    return this;
  }

  takeBack(nowMs = 12_000): this {
    return this.hear({ type: "payment-built", proposalId: "1", proposal, built, nowMs: timeMs(nowMs) });
  }

  get payment(): Payment {
    return this.state.payments.get(formatHex(built.txid))!;
  }
}

describe("a take-back (RP-7)", () => {
  it("[RP-7] ends with its packet, and not before: on the chain it has no end", () => {
    const device = new Device(own).takeBack();
    expect(device.payment).toMatchObject({ state: "queued", notAfter: EXPIRY });
    device.hear(...blocksTo(12, 61));
    expect(device.payment.state).toBe("queued");
    expect(lockedLeaves(device.state)).toContain(LEAF);
    device.hear(block(61));
    expect(device.payment).toMatchObject({ state: "failed", failure: "expired" });
  });

  it("[NW-18] made again keeps its place in the store: a restart reads what there is", () => {
    const device = new Device(own).takeBack().hear(...blocksTo(12, 62));
    expect(device.payment).toMatchObject({ state: "failed", sequence: 0 });
    device.takeBack(61_500);
    expect(device.effects).toMatchObject([{ type: "payment-stored" }]);
    expect(device.payment).toMatchObject({ state: "queued", sequence: 0, createdMs: 61_500 });
    expect(device.state.payments.size).toBe(1);
    expect([...device.store.keys()].filter((key) => key.startsWith("payment/"))).toEqual(["payment/000000000"]);
    // While it is on its way there is no second one.
    device.takeBack(61_600);
    expect(device.effects).toMatchObject([{ type: "payment-refused" }]);
    expect(device.payment.createdMs).toBe(61_500);
  });

  it("[RP-7] is final by the refund of its packet alone", () => {
    const back = new Device(own).takeBack().hear(block(12, { spent: [LEAF], notes: [refund] }));
    expect(back.payment).toMatchObject({ state: "final", settled: { height: 12 } });
    expect(back.state.notes.get(LEAF)!.spent).toMatchObject({ txid: built.txid });
    // All shares were drawn before it came into a block.
    const late = new Device(own).takeBack().hear(block(12, { spent: [LEAF] }));
    expect(late.payment).toMatchObject({ state: "failed", failure: "conflict" });
    expect(late.state.notes.get(LEAF)!.spent).toMatchObject({ txid: undefined });
    const other = { ...refund, packet: { type: "refund", packetLeaf: leafIndex(7) } } as const;
    const foreign = new Device(own).takeBack().hear(block(12, { spent: [LEAF], notes: [other] }));
    expect(foreign.payment.state).toBe("failed");
  });

  const far: RestoreBoundary = {
    height: height(50),
    timeMs: timeMs(50_000),
    utxoRoot: hash32("test/root"),
    nextLeaf: 1_000,
  };
  const missed: WalletEvent = {
    type: "blocks-missed",
    trusted: { height: far.height, timeMs: far.timeMs },
    boundary: far,
    firstLeaf: 501,
  };
  const range = (...hits: readonly number[]): WalletEvent => ({
    type: "restore-range-scanned",
    range: 0,
    boundary: far,
    outputCount: 1,
    hits: hits.map(leafIndex),
  });
  const opened = (...notes: readonly Note[]): WalletEvent => ({ type: "restore-buckets-opened", buckets: [7], notes });

  it("[LC-2] [RP-7] is final by its refund too where the blocks were missed, and lost where there is none", () => {
    const back = new Device(own).takeBack().hear(missed, range(500));
    expect(back.payment.state).toBe("queued");
    back.hear(opened(refund));
    expect(back.payment.state).toBe("final");
    const late = new Device(own).takeBack().hear(missed, range());
    expect(late.payment).toMatchObject({ state: "failed", failure: "conflict" });
    const waiting = new Device(own).takeBack().hear(missed, range(300));
    expect(waiting.payment.state).toBe("queued");
  });
});
