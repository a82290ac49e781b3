import type { Certificate } from "../chain/certificate.ts";
import type { ValidTransaction } from "../chain/validate-transaction.ts";
import type { LeafIndex, TimeMs } from "../values/height.ts";

/** A block without its roots: what its maker chose. */
export interface BlockContent {
  readonly time: TimeMs;
  readonly round: number;
  readonly proposer: number;
  readonly beaconSignature: Uint8Array;
  readonly lastCertificate: Certificate;
  readonly transactions: readonly ValidTransaction[];
  readonly spent: ReadonlySet<LeafIndex>;
}
