import { Refusal } from "../refusal.ts";
import { readText } from "../network/read-text.ts";
import type { Arguments, OptionSpec } from "./arguments.ts";
import { UsageError } from "./arguments.ts";
import type { CommandGroup, CommandLeaf } from "./command.ts";
import { printableJson } from "./printable.ts";

const RPC_DEFAULT = "http://127.0.0.1:8080/rpc";
const TIMEOUT_MS = 15_000;
/** More than a node has to say of anything. */
export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** A node's own words on why it refuses are cut here. */
const MESSAGE_LENGTH_MAX = 256;
const OPTIONS: readonly OptionSpec[] = [{ name: "rpc", value: "URL", help: `the node to ask; default ${RPC_DEFAULT}` }];

interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly message?: unknown; readonly data?: { readonly reason?: unknown } };
}

/** One look at the chain through a node's JSON-RPC. */
function look(
  name: string,
  summary: string,
  words: readonly string[],
  call: (words: readonly string[]) => readonly [method: string, params: Record<string, unknown>],
): CommandLeaf {
  return {
    name,
    summary,
    words,
    options: OPTIONS,
    async run(args, output) {
      const result = await ask(args, ...call(args.words));
      output.out(printableJson(result, args.has("json") ? undefined : 2));
    },
  };
}

function wholeWord(text: string, name: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${name} must be a whole number`);
  return Number(text);
}

/** `stegos explorer …`: what everybody may see of a chain. */
export const explorer: CommandGroup = {
  name: "explorer",
  summary: "Blocks, transactions, outputs and supply, as a node tells them.",
  commands: [
    look("block", "A block by its height or hash.", ["HEIGHT_OR_HASH"], ([text]) => {
      return ["get_block", /^\d{1,15}$/.test(text!) ? { height: Number(text) } : { hash: text }];
    }),
    look("tx", "A final transaction.", ["TXID"], ([txid]) => ["get_transaction", { txid }]),
    look("output", "An output, with the proof that it is live or not.", ["INDEX"], ([text]) => {
      return ["get_output", { index: wholeWord(text!, "INDEX") }];
    }),
    look("supply", "All coins there are, and whether the sum is right.", [], () => ["supply", {}]),
    look("validators", "The current validators.", [], () => ["validators", {}]),
    look("award", "The pot of the weekly award.", [], () => ["award", {}]),
    look("search", "A height, hash, txid or address.", ["TEXT"], ([text]) => ["search", { text }]),
  ],
};

/** The result; refuses with the node's own reason, or with `node_unreachable`. */
async function ask(args: Arguments, method: string, params: Record<string, unknown>): Promise<unknown> {
  const url = args.text("rpc") ?? RPC_DEFAULT;
  if (!URL.canParse(url)) throw new UsageError("--rpc must be a URL");
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  let answer: RpcAnswer;
  try {
    const response = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const parsed = JSON.parse((await readText(response, ANSWER_BYTES_MAX)) ?? "") as RpcAnswer | null;
    if (parsed === null) throw new Error("no answer");
    answer = parsed;
  } catch {
    throw new Refusal("node_unreachable", `no node answers at ${url}`);
  }
  if (answer.error === undefined) return answer.result;
  const { reason } = answer.error.data ?? {};
  const message =
    typeof answer.error.message === "string" ? answer.error.message.slice(0, MESSAGE_LENGTH_MAX) : "the node refused";
  throw new Refusal(typeof reason === "string" && /^[a-z_]{1,64}$/.test(reason) ? reason : "refused", message);
}
