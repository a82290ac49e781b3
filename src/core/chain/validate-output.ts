import { formatHex } from "../bytes/hex.ts";
import { checkAddress } from "../crypto/address-check.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { isCanonicalCoordinate } from "../crypto/key-agreement.ts";
import { decodeNonIdentity } from "../crypto/point.ts";
import { checkPublicOutput } from "../crypto/public-output.ts";
import { OUTPUTS_PER_EPHEMERAL_KEY_MAX } from "../params/limits.ts";
import { broken, RULE_KEPT, type RuleResult } from "../values/rule-number.ts";
import { oneTimeKeyOf, type Output, type OutputCore } from "./output.ts";
import type { PacketCore } from "./packet-output.ts";

/**
 * The rules one output of a transaction keeps by itself. Its range proof is TX-3 and checked elsewhere. Type 5 cannot
 * even be decoded in a transaction (OU-3). Of a stake this is the part that hangs on no key of a validator.
 */
export function validateOutput(curve: CurveBackend, core: OutputCore): RuleResult {
  const form = validateOutputForm(core);
  if (!form.ok) return form;
  if (core.type === "packet") return areElements(curve, packetPoints(core)) ? RULE_KEPT : broken("RP-1");
  const points = core.type === "coin" ? [core.oneTimeKey, core.commitment] : [oneTimeKeyOf(core)];
  if (!areElements(curve, points)) return broken("OU-1");
  if (core.type === "stake") return checkAddress(curve, core.reward).ok ? RULE_KEPT : broken("ST-1");
  return core.type !== "public" || checkPublicOutput(curve, core) ? RULE_KEPT : broken("PU-1");
}

function areElements(curve: CurveBackend, points: readonly Uint8Array[]): boolean {
  return points.every((point) => decodeNonIdentity(curve, point) !== undefined);
}

/** What of a packet must be an element and not the identity (RP-1): P_refund, Q and every C_i. */
export function packetPoints({ refundKey, packetKey, shares }: PacketCore): readonly Uint8Array[] {
  return [refundKey, packetKey, ...shares.map(({ commitment }) => commitment)];
}

/** Those of them that need no curve. */
export function validateOutputForm(core: OutputCore): RuleResult {
  switch (core.type) {
    case "coin":
    case "public":
    case "stake":
      return isCanonicalCoordinate(core.ephemeralKey) ? RULE_KEPT : broken("OU-1");
    case "packet":
      return isPacketForm(core) ? RULE_KEPT : broken("RP-1");
    case "drawn":
      return broken("OU-3");
    default:
      return core satisfies never;
  }
}

/** RP-1: what is not for the decoder. A commitment that stands twice would tell that two shares are equal. */
function isPacketForm({ ephemeralKey, shares }: PacketCore): boolean {
  const commitments = new Set(shares.map(({ commitment }) => formatHex(commitment)));
  return isCanonicalCoordinate(ephemeralKey) && commitments.size === shares.length;
}

/**
 * OU-2: how many outputs may share a D, and that a public output, whose secret everybody knows, shares its D with none.
 * OU-12: one packet under each D. Two would have the same blindings, so the differences of their C_i would tell everybody
 * which shares are equal.
 */
export function validateEphemeralKeys(outputs: readonly Output[]): RuleResult {
  const groups = new Map<string, OutputCore[]>();
  for (const { core } of outputs) {
    const name = formatHex(core.ephemeralKey);
    groups.set(name, [...(groups.get(name) ?? []), core]);
  }
  for (const group of groups.values()) {
    if (group.length > OUTPUTS_PER_EPHEMERAL_KEY_MAX) return broken("OU-2");
    if (group.length > 1 && group.some((core) => core.type === "public")) return broken("OU-2");
    if (group.filter((core) => core.type === "packet").length > 1) return broken("OU-12");
  }
  return RULE_KEPT;
}
