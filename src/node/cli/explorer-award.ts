import { formatHex } from "../../core/bytes/hex.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import { readAwardClaim } from "../../core/sync/award-claim.ts";
import { AWARD_FAULT_RULES, recheckAward, type AwardFault } from "../../core/sync/recheck-award.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import { createBlstBls } from "../crypto/blst-bls.ts";
import { Refusal } from "../refusal.ts";
import { askNode, RPC_OPTION } from "./ask-node.ts";
import {
  askTrusted,
  CHECKPOINT_OPTION,
  fieldsOf,
  givenCheckpoint,
  listOf,
  NODES_WORD,
  type Fields,
} from "./ask-trusted.ts";
import type { CommandLeaf } from "./command.ts";
import { printableJson } from "./printable.ts";

/** What a recheck found, as it is printed. */
type Recheck = "ok" | { readonly code: AwardFault | "malformed"; readonly rule: string };

/** `stegos explorer award`: the award to come, and past draws, each rechecked here (AW-4). */
export const explorerAward: CommandLeaf = {
  name: "award",
  summary: "The weekly award: its pot, and past draws, each rechecked here.",
  options: [RPC_OPTION, CHECKPOINT_OPTION],
  async run(args, output) {
    const given = givenCheckpoint(args);
    const result = fieldsOf(await askNode(args, "award", {}));
    const claims = listOf(result["past"]);
    const indent = args.has("json") ? undefined : 2;
    if (claims.length === 0) {
      output.out(printableJson(result, indent));
      return;
    }
    const trusted = await askTrusted(args, given);
    const bls = createBlstBls();
    const past = claims.map((claim) => ({ ...fieldsOf(claim), recheck: recheck(bls, trusted, claim) }));
    const from = { height: trusted.header.height, hash: formatHex(trusted.blockId), is_given: given !== undefined };
    output.out(printableJson({ ...result, past, rechecked_from: from }, indent));
    if (given === undefined) output.note(NODES_WORD);
    refuseFaults(past);
  },
};

function recheck(bls: BlsBackend, trusted: TrustedHeader, value: unknown): Recheck {
  const claim = readAwardClaim(value);
  if (claim === undefined) return { code: "malformed", rule: "EN-3" };
  const code = recheckAward(bls, trusted, claim);
  return code === undefined ? "ok" : { code, rule: AWARD_FAULT_RULES[code] };
}

/** The first fault decides the code; the line names all weeks that have one. */
function refuseFaults(past: readonly (Fields & { readonly recheck: Recheck })[]): void {
  const faulty = past.flatMap(({ week, recheck }) =>
    recheck === "ok" ? [] : [{ week: typeof week === "number" ? String(week) : "?", ...recheck }],
  );
  const [first] = faulty;
  if (first === undefined) return;
  const list = faulty.map(({ week, code, rule }) => `${week} (${code}, ${rule})`).join(", ");
  throw new Refusal(`award_${first.code}`, `draws that do not stand up to a recheck: week ${list}`);
}
