import { parseHex } from "../../core/bytes/hex.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { decodeCertificate } from "../../core/chain/certificate.ts";
import { decodeCompactBlock } from "../../core/chain/compact-block.ts";
import { decodeHeader } from "../../core/chain/header.ts";
import { decodePacketOutput, type PacketOutput } from "../../core/chain/packet-output.ts";
import { decodeTransaction } from "../../core/chain/transaction.ts";
import { decodeValidatorSet, type ValidatorSet } from "../../core/chain/validator-set.ts";
import type { PacketBlock } from "../../core/red-packet/replay-packet.ts";
import { signersOf } from "../../core/sync/judge-signers.ts";
import type { HeaderItem } from "../../core/sync/compact-item.ts";
import { hash, HASH_SIZE } from "../../core/values/hash.ts";
import type { LeafIndex } from "../../core/values/height.ts";
import type { Arguments } from "./arguments.ts";
import { askNode } from "./ask-node.ts";
import { fieldsOf, listOf, textOf, wrongAnswer, type Fields } from "./ask-trusted.ts";

/** Calls of `packet` that one command makes: a chain of blocks of a second is looked through for a week. */
const PAGES_MAX = 640;

/** A block as a node has shown it, with what certifies its header; nothing of it is checked but its shape. */
export interface ShownBlock extends PacketBlock {
  readonly certificate: HeaderItem["certificate"];
}

/** What a node says of a packet. */
export interface ShownHistory {
  /** As it is printed. */
  readonly fields: Fields;
  readonly packet: PacketOutput;
  readonly blocks: readonly ShownBlock[];
  readonly sets: readonly ValidatorSet[];
}

/** Asks page by page. Refuses what has another shape, and with the node's own reason where it keeps the blocks no more. */
export async function readPacketHistory(args: Arguments, leaf: LeafIndex): Promise<ShownHistory> {
  const pages: Fields[] = [];
  let from: unknown = 0;
  while (from !== null) {
    if (typeof from !== "number" || pages.length === PAGES_MAX) throw wrongAnswer();
    const page = fieldsOf(await askNode(args, "packet", { leaf, from }));
    const next = page["next"] ?? null;
    if (typeof next === "number" && next <= from) throw wrongAnswer();
    from = next;
    pages.push(page);
  }
  try {
    return read(pages);
  } catch (error) {
    if (error instanceof DecodeError) throw wrongAnswer();
    throw error;
  }
}

function read(pages: readonly Fields[]): ShownHistory {
  const { blocks: _blocks, validator_sets: _sets, next: _next, packet, ...fields } = pages[pages.length - 1]!;
  const sets = pages.flatMap((page) => listOf(page["validator_sets"]).map((set) => decodeValidatorSet(bytesOf(set))));
  const blocks = pages.flatMap((page) => listOf(page["blocks"]).map((block) => readBlock(fieldsOf(block), sets)));
  return { fields, packet: decodePacketOutput(bytesOf(packet)), blocks, sets };
}

function readBlock(fields: Fields, sets: readonly ValidatorSet[]): ShownBlock {
  const header = decodeHeader(bytesOf(fields["header"]));
  const { txids, parent = null } = fields;
  return {
    header,
    certificate: decodeCertificate(bytesOf(fields["cert"])),
    compact: decodeCompactBlock(bytesOf(fields["compact"])),
    parent: parent === null ? undefined : decodeHeader(bytesOf(parent)),
    proposerKey: signersOf(header, sets)?.[header.proposer]?.blsKey,
    transactionIds: txids === null ? undefined : listOf(txids).map((txid) => hash(sized(bytesOf(txid)))),
    claims: listOf(fields["claims"]).map((claim) => {
      const transaction = decodeTransaction(bytesOf(claim));
      if (transaction.kind !== "claim") throw new DecodeError("no claim");
      return transaction;
    }),
    hasTakeBack: fields["take_back"] === true,
  };
}

const bytesOf = (value: unknown): Uint8Array => parseHex(textOf(value));

function sized(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== HASH_SIZE) throw new DecodeError("txid");
  return bytes;
}
