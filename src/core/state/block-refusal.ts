import { equalBytes } from "../bytes/compare-bytes.ts";
import type { Header } from "../chain/header.ts";
import type { RuleNumber } from "../values/rule-number.ts";

/** The first rule that a block breaks; `field` names the header field that is not what it must be. */
export interface BlockRefusal {
  readonly ok: false;
  readonly rule: RuleNumber;
  readonly field?: keyof Header;
}

/** The rule behind each header field, cited when the field is not what the block's content gives. */
const FIELD_RULES: Readonly<Record<keyof Header, RuleNumber>> = {
  chainId: "GE-1",
  paramsHash: "GE-1",
  height: "GE-2",
  prev: "GE-2",
  round: "CO-1",
  proposer: "CO-1",
  beacon: "CO-1",
  beaconSignature: "CO-1",
  time: "CO-2",
  epoch: "CO-2",
  isEpochEnd: "CO-2",
  valHash: "CO-2",
  nextValHash: "ST-2",
  lastCertHash: "CO-3",
  evidenceRoot: "ST-4",
  txsRoot: "BL-2",
  compactRoot: "BL-2",
  utxoRoot: "BL-2",
  nextLeaf: "BL-2",
  liveCount: "BL-2",
  histRoot: "BL-13",
  auxRoot: "CO-18",
  minted: "SU-1",
  burned: "SU-1",
  accrued: "SU-1",
  pot: "SU-1",
  gammaAcc: "SU-2",
};

/** In header order. */
export const HEADER_FIELDS = Object.keys(FIELD_RULES) as readonly (keyof Header)[];

export function wrongField(field: keyof Header): BlockRefusal {
  return { ok: false, rule: FIELD_RULES[field], field };
}

export function isSameField(left: Header[keyof Header], right: Header[keyof Header]): boolean {
  return left instanceof Uint8Array && right instanceof Uint8Array ? equalBytes(left, right) : left === right;
}
