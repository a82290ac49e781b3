import { UsageError } from "./arguments.ts";
import { askNode, RPC_OPTION } from "./ask-node.ts";
import type { CommandGroup, CommandLeaf } from "./command.ts";
import { explorerAward } from "./explorer-award.ts";
import { explorerPacket } from "./explorer-packet.ts";
import { printableJson } from "./printable.ts";

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
    options: [RPC_OPTION],
    async run(args, output) {
      const result = await askNode(args, ...call(args.words));
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
    look("validator", "Where the key of a validator stands.", ["KEY"], ([key]) => ["validator", { key }]),
    explorerAward,
    explorerPacket,
    look("search", "A height, hash, txid or address.", ["TEXT"], ([text]) => ["search", { text }]),
  ],
};
