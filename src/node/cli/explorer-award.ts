import { DecodeError } from "../../core/bytes/decode-error.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { formatHex, parseHex } from "../../core/bytes/hex.ts";
import { blockId, decodeHeader, isBoundary } from "../../core/chain/header.ts";
import { decodeValidatorSet, validatorSetHash } from "../../core/chain/validator-set.ts";
import type { BlsBackend } from "../../core/crypto/bls-backend.ts";
import { readAwardClaim } from "../../core/sync/award-claim.ts";
import { AWARD_FAULT_RULES, recheckAward, type AwardFault } from "../../core/sync/recheck-award.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import { createBlstBls } from "../crypto/blst-bls.ts";
import { Refusal } from "../refusal.ts";
import { UsageError, type Arguments } from "./arguments.ts";
import { askNode, RPC_OPTION } from "./ask-node.ts";
import { parseCheckpoint } from "./checkpoint-option.ts";
import type { CommandLeaf } from "./command.ts";
import { printableJson } from "./printable.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What a recheck found, as it is printed. */
type Recheck = "ok" | { readonly code: AwardFault | "malformed"; readonly rule: string };

/** `stegos explorer award`: the award to come, and past draws, each rechecked here (AW-4). */
export const explorerAward: CommandLeaf = {
  name: "award",
  summary: "The weekly award: its pot, and past draws, each rechecked here.",
  options: [
    RPC_OPTION,
    {
      name: "checkpoint",
      value: "HEIGHT:BLOCK",
      help: "recheck from this last block of an epoch, by its hash; else from the one that the node shows",
    },
  ],
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
    if (given === undefined)
      output.note(
        "rechecked from a block that this node itself shows; --checkpoint HEIGHT:BLOCK names one that you trust",
      );
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

type Given = ReturnType<typeof parseCheckpoint>;

function givenCheckpoint(args: Arguments): Given {
  const text = args.text("checkpoint");
  const given = text === undefined ? undefined : parseCheckpoint(text);
  if (text !== undefined && given === undefined) throw new UsageError("--checkpoint takes HEIGHT:BLOCK");
  return given;
}

/** The boundary to recheck from, with its set. */
async function askTrusted(args: Arguments, given: Given): Promise<TrustedHeader> {
  const answer = await askNode(args, "get_boundary", given === undefined ? {} : { height: given.height });
  const trusted = readTrusted(fieldsOf(answer));
  if (given !== undefined && !equalBytes(trusted.blockId, given.blockId))
    throw new Refusal("other_checkpoint", "the node has another block at the height of the checkpoint");
  return trusted;
}

function readTrusted(answer: Fields): TrustedHeader {
  try {
    const header = decodeHeader(parseHex(textOf(answer["header"])));
    const nextValidators = decodeValidatorSet(parseHex(textOf(answer["next_validators"])));
    if (isBoundary(header) && equalBytes(validatorSetHash(nextValidators), header.nextValHash))
      return { header, blockId: blockId(header), nextValidators };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  throw wrongAnswer();
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongAnswer();
  return value as Fields;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongAnswer();
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw wrongAnswer();
  return value;
}

const wrongAnswer = (): Refusal => new Refusal("wrong_answer", "the node's answer has another shape");
