import type { Address } from "../values/address.ts";
import type { Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import type { Height, LeafIndex, TimeMs } from "../values/height.ts";

/** queued: stored here · sent: a node took it · final: certified · failed: can never become final any more. */
export type PaymentState = "queued" | "sent" | "final" | "failed";

/** Why a payment failed: its time ran out, or something else spent one of its notes. */
export type PaymentFailure = "expired" | "conflict";

/** What a transaction of ours does with a stake (ST-1, ST-5). */
export type StakeAct = "stake" | "unstake" | "withdraw";

/** What it does with red packets: makes a gift or a packet, takes a gift by its link, takes back one of ours (9.1). */
export type PacketAct = "gift" | "gift_taken" | "gift_back" | "packet" | "packet_back";

export type PaymentAct = StakeAct | PacketAct;

/** Whether a transaction of ours brings coins to us instead of paying them. */
export function isTaking(act: PaymentAct | undefined): boolean {
  return act === "withdraw" || act === "gift_taken" || act === "gift_back";
}

/** One output of an own payment, as its compact entry will show it. */
export interface PaymentOutput {
  readonly outputHash: Hash;
  /** Change or padding that comes back to us. */
  readonly isOwn: boolean;
  readonly amount: Amount;
  /** n under the payment's D. */
  readonly counter: number;
}

/** What a payment proof says beside PP-1, so that its checker finds the output and its bytes. */
export interface ProofParts {
  readonly leaf: LeafIndex;
  /** Bytes 123 … 202 of the core, which do not follow from the payment: ptag, SHA256(payload), SHA256(rproof). */
  readonly coreTail: Uint8Array;
}

/** One row of the outbox, later of the history: everything a restart needs to go on with it. */
export interface Payment {
  /** undefined: it pays somebody. Else `to` is an address of our own. */
  readonly act?: PaymentAct;
  readonly txid: Hash;
  /** Place in the order of making. */
  readonly sequence: number;
  readonly createdMs: TimeMs;
  readonly to: Address;
  readonly amount: Amount;
  readonly fee: Amount;
  readonly memo: string | undefined;
  /** Ascending; locked while the payment is queued or sent. */
  readonly inputs: readonly LeafIndex[];
  /** All outputs in transaction order. */
  readonly outputs: readonly PaymentOutput[];
  readonly notAfter: TimeMs;
  /**
   * Lost with this device: the seed alone cannot prove a payment (PP-3). Of a stake, a packet or a gift, which have none,
   * D instead: nothing else may be built under it (OU-8, OU-12).
   */
  readonly anchorSource: Uint8Array;
  readonly state: PaymentState;
  readonly failure: PaymentFailure | undefined;
  /** Block that made it final, or by which it failed. */
  readonly settled: { readonly height: Height; readonly timeMs: TimeMs } | undefined;
  /** Known once final; undefined for payments that became final before the wallet kept it. */
  readonly proofParts: ProofParts | undefined;
  /** The signed bytes, sent again unchanged until settled; dropped after. */
  readonly transaction: Uint8Array | undefined;
}

/** Queued or sent: its notes are locked and its change is expected. */
export function isPending(payment: Payment): boolean {
  return payment.state === "queued" || payment.state === "sent";
}
