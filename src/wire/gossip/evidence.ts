import { tryDecode } from "../../core/bytes/decode-error.ts";
import { decodeEvidence, type Evidence } from "../../core/chain/evidence.ts";
import { GOSSIP_EVIDENCE_BYTES_MAX } from "../limits.ts";
import { ignore, reject, type Judgement } from "./judgement.ts";

/** What the first stage needs to know of the node. */
export interface EvidenceView {
  /** Held here, byte for byte. */
  isKnown(bytes: Uint8Array): boolean;
}

/** First stage of topic `evidence`, whose messages are the bytes of ST-4. Whom it accuses and who signed come later. */
export function judgeEvidence(bytes: Uint8Array, view: EvidenceView): Judgement<Evidence> {
  // [EN-3] REJECT: over the limit. Checked before any decoding.
  if (bytes.length > GOSSIP_EVIDENCE_BYTES_MAX) return reject("too_large");
  // [EN-4] [ST-4] REJECT: not one piece of evidence and nothing behind it, or items that are equal or out of order.
  const decoded = tryDecode(decodeEvidence, bytes);
  if (!decoded.ok) return reject("malformed");
  // IGNORE: a late copy.
  if (view.isKnown(bytes)) return ignore("already_known");
  return { verdict: "accept", value: decoded.value };
}
