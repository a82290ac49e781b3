import { DecodeError } from "../../core/bytes/decode-error.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { parseHex } from "../../core/bytes/hex.ts";
import { blockId, decodeHeader, isBoundary } from "../../core/chain/header.ts";
import { decodeValidatorSet, validatorSetHash } from "../../core/chain/validator-set.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import { Refusal } from "../refusal.ts";
import { UsageError, type Arguments, type OptionSpec } from "./arguments.ts";
import { askNode } from "./ask-node.ts";
import { parseCheckpoint } from "./checkpoint-option.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Of every command that rechecks what a node says. */
export const CHECKPOINT_OPTION: OptionSpec = {
  name: "checkpoint",
  value: "HEIGHT:BLOCK",
  help: "recheck from this last block of an epoch, by its hash; else from the one that the node shows",
};

/** Said where nobody has named a block to begin with. */
export const NODES_WORD =
  "rechecked from a block that this node itself shows; --checkpoint HEIGHT:BLOCK names one that you trust";

export type Given = ReturnType<typeof parseCheckpoint>;

export function givenCheckpoint(args: Arguments): Given {
  const text = args.text("checkpoint");
  const given = text === undefined ? undefined : parseCheckpoint(text);
  if (text !== undefined && given === undefined) throw new UsageError("--checkpoint takes HEIGHT:BLOCK");
  return given;
}

/** The boundary to recheck from, with its set. */
export async function askTrusted(args: Arguments, given: Given): Promise<TrustedHeader> {
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

export function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongAnswer();
  return value as Fields;
}

export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongAnswer();
  return value;
}

export function textOf(value: unknown): string {
  if (typeof value !== "string") throw wrongAnswer();
  return value;
}

export const wrongAnswer = (): Refusal => new Refusal("wrong_answer", "the node's answer has another shape");
