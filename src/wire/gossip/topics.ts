import { GOSSIP_BLOCK_BYTES_MAX, GOSSIP_EVIDENCE_BYTES_MAX, GOSSIP_TX_BYTES_MAX } from "../limits.ts";

/** A gossip channel of 11.1; full nodes alone are in the mesh (NW-11). */
export interface Topic {
  readonly name: string;
  readonly bytesMax: number;
}

export const TOPIC = {
  tx: { name: "tx", bytesMax: GOSSIP_TX_BYTES_MAX },
  block: { name: "block", bytesMax: GOSSIP_BLOCK_BYTES_MAX },
  evidence: { name: "evidence", bytesMax: GOSSIP_EVIDENCE_BYTES_MAX },
} as const satisfies Readonly<Record<string, Topic>>;
