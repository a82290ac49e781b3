import { formatHex } from "../../core/bytes/hex.ts";
import { signUnjail } from "../../core/chain/sign-unjail.ts";
import { encodeTransaction, transactionId } from "../../core/chain/transaction.ts";
import { epoch } from "../../core/values/height.ts";
import { createBlstBls } from "../crypto/blst-bls.ts";
import { Refusal } from "../refusal.ts";
import type { Arguments } from "./arguments.ts";
import { askNode } from "./ask-node.ts";

const U32_LIMIT = 2 ** 32;

/** What a node says of the key; nothing about it is known yet. */
interface Answer {
  readonly status?: unknown;
  readonly chain_id?: unknown;
  readonly epoch?: unknown;
  readonly unjail_epoch?: unknown;
}

/**
 * Signs an unjail for the epoch that the node is in, and hands it in; its txid as hex. Refuses with `not_jailed`, with
 * `node_syncing` where the node cannot know, with `already_unjailed` within the epoch of the last one (ST-3), and with the
 * node's own reason. A second call in an epoch makes the same bytes, which a node that has them refuses as known.
 */
export async function unjail(args: Arguments, seed: Uint8Array): Promise<string> {
  const bls = createBlstBls();
  const publicKey = bls.publicKey(seed);
  const { syncing } = ((await askNode(args, "status", {})) ?? {}) as { readonly syncing?: unknown };
  if (syncing !== false) throw new Refusal("node_syncing", "the node has not caught up with the chain");
  const answer = ((await askNode(args, "validator", { key: formatHex(publicKey) })) ?? {}) as Answer;
  const chainId = wholeOf(answer.chain_id);
  const now = wholeOf(answer.epoch);
  if (answer.status !== "jailed") throw new Refusal("not_jailed", "this key is not jailed");
  if (typeof answer.unjail_epoch === "number" && answer.unjail_epoch >= now) {
    throw new Refusal("already_unjailed", "[ST-3] a key can be taken back once in an epoch: try again in the next");
  }
  const sign = (message: Uint8Array): Uint8Array => bls.sign(seed, message);
  const transaction = signUnjail({ publicKey, sign }, chainId, epoch(now));
  await askNode(args, "submit_transaction", { hex: formatHex(encodeTransaction(transaction)) });
  return formatHex(transactionId(transaction));
}

function wholeOf(value: unknown): number {
  const isWhole = typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < U32_LIMIT;
  if (!isWhole) throw new Refusal("bad_answer", "the node gives an answer that none should");
  return value;
}
