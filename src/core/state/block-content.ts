import type { Certificate } from "../chain/certificate.ts";
import type { Evidence } from "../chain/evidence.ts";
import type { ValidTransaction } from "../chain/validate-transaction.ts";
import type { PacketDraws } from "./draw-packets.ts";
import type { LeafIndex, TimeMs } from "../values/height.ts";

/** A block without its roots: what its maker chose. */
export interface BlockContent {
  readonly time: TimeMs;
  readonly round: number;
  readonly proposer: number;
  readonly beaconSignature: Uint8Array;
  readonly lastCertificate: Certificate;
  readonly evidence: readonly Evidence[];
  /** Keys that the evidence convicts (ST-4). */
  readonly convicted: readonly Uint8Array[];
  readonly transactions: readonly ValidTransaction[];
  readonly spent: ReadonlySet<LeafIndex>;
  /** What packets give before the transactions, and how all of it leaves them. */
  readonly packets: PacketDraws;
}
