import type { PeerId } from "../ports/network-port.ts";
import type { BuildPaymentJob } from "../wallet/build-payment.ts";
import type { ScanJob } from "../wallet/scan-outputs.ts";
import type { StoredRecord } from "../wallet/wallet-records.ts";
import type { Hash } from "../values/hash.ts";
import type { TimeMs } from "../values/height.ts";

/** What the machine wants done. `write` comes before everything else of its step (house rule 9). */
export type LightClientEffect = WriteEffect | LightClientNetworkEffect | LightClientJobEffect | LightClientNotice;

/** At most one per step: one transaction. When it fails the engine stops; what follows in the step never leaves. */
export interface WriteEffect {
  readonly type: "write";
  readonly puts: readonly StoredRecord[];
  /** Keys of records that are gone. */
  readonly deletes: readonly string[];
}

export type LightClientNetworkEffect =
  /** Answered by `peer-connected` or `connect-failed`. Addresses in the order in which to try them. */
  | { readonly type: "connect"; readonly node: number; readonly addresses: readonly string[] }
  | { readonly type: "disconnect"; readonly peer: PeerId }
  | { readonly type: "request-status"; readonly peer: PeerId }
  /** `hdr` with step 0. Answered by `headers-received`, `frame-refused` or `stream-ended`. */
  | { readonly type: "request-headers"; readonly peer: PeerId; readonly from: number; readonly count: number }
  /** `compact` with flags bit 0 = `isFull`; items come as `compact-block-received`, one event each, in order. */
  | { readonly type: "open-compact-stream"; readonly peer: PeerId; readonly from: number; readonly isFull: boolean }
  | { readonly type: "close-compact-stream"; readonly peer: PeerId }
  /** Back pressure: stop reading frames, then go on. Items already read may still come. */
  | { readonly type: "pause-compact-stream"; readonly peer: PeerId }
  | { readonly type: "resume-compact-stream"; readonly peer: PeerId }
  /**
   * NW-3: over a fresh connection with an identity of its own to this node, after a random wait of 0 … delayMaxMs,
   * then hang up. Answered by `transaction-answered` or `transaction-unanswered`.
   */
  | {
      readonly type: "submit-transaction";
      readonly txid: Hash;
      readonly bytes: Uint8Array;
      readonly node: number;
      readonly addresses: readonly string[];
      readonly delayMaxMs: number;
    }
  /** Read `/network.json` (again). Answered by `network-configured` or `network-missing`. */
  | { readonly type: "fetch-network" }
  /** One timer for the machine: the newest call replaces the one before. */
  | { readonly type: "arm-timer"; readonly atMs: TimeMs };

export type LightClientJobEffect =
  /** `scanBlocks` in a crypto worker; the edge adds the view keys. One at a time. */
  | { readonly type: "scan-outputs"; readonly jobId: number; readonly job: ScanJob }
  /** `buildPayment` in a crypto worker; the edge adds the account's keys. */
  | { readonly type: "build-payment"; readonly proposalId: string; readonly job: BuildPaymentJob };

/** What services pass on. The views themselves are read from the state after the step. */
export type LightClientNotice =
  | { readonly type: "notify"; readonly changed: readonly ("sync" | "balance" | "history" | "wallet")[] }
  | { readonly type: "payment-stored"; readonly proposalId: string; readonly txid: Hash }
  | {
      readonly type: "payment-refused";
      readonly proposalId: string;
      readonly code: "proposal_expired" | "funds_changed" | "build_failed";
    }
  /** A stored record is damaged or from a newer version: nothing was changed and nothing will run. */
  | { readonly type: "storage-unreadable"; readonly key: string; readonly isNewer: boolean };
