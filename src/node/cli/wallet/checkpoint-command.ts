import type { CheckpointCode } from "../../../api/client-api.ts";
import { CHECKPOINT_TEXT_MAX } from "../../../core/sync/checkpoint-words.ts";
import { Refusal } from "../../refusal.ts";
import { withWallet } from "./wallet-folder.ts";
import type { WalletContext, WalletSession } from "./wallet-session.ts";

/** `wallet checkpoint`: the newest boundary that this wallet trusts, or with `--enter` one that somebody else shows (LC-4). */
export function checkpoint(context: WalletContext): Promise<void> {
  const { args, output } = context;
  return withWallet(context, async (session) => {
    if (args.has("enter")) await enter(session, await readText(context));
    await session.synced();
    const view = await session.client.network.checkpoint();
    if (view === undefined) throw new Refusal("not_ready", "no boundary is known yet");
    const { height, timeMs, words, text } = view;
    if (args.has("json")) output.out(JSON.stringify({ height, time_ms: timeMs, words }));
    else output.out(text);
  });
}

async function readText({ platform: { terminal } }: WalletContext): Promise<string> {
  const text = terminal.isInteractive
    ? await terminal.ask("height and 12 words: ")
    : await terminal.readInput(CHECKPOINT_TEXT_MAX);
  if (text === undefined) throw refusalOf("too_long");
  return text.trim();
}

async function enter(session: WalletSession, text: string): Promise<void> {
  const result = await session.inTime(session.client.network.enterCheckpoint(text));
  if (!result.ok) throw refusalOf(result.code);
}

const REFUSED: Readonly<Record<CheckpointCode, string>> = {
  empty: "the height and 12 words of a checkpoint are read from the standard input",
  too_long: "this is longer than any checkpoint",
  no_height: "a checkpoint begins with its height in digits",
  unknown_word: "one of these words is in no list of words",
  bad_count: "a checkpoint has 12 words behind its height",
  bad_checksum: "a word is wrong or in the wrong place",
  not_ready: "the network is not known yet",
  no_node: "no node could be asked for it",
  not_found: "the nodes have another block there, or none",
  other_chain: "this wallet has verified another block there",
  already_newer: "this wallet is past it and needs none",
  not_a_boundary: "this block ends no epoch",
  too_old: "it is too old to be trusted",
};

function refusalOf(code: CheckpointCode): Refusal {
  return new Refusal(code, REFUSED[code]);
}
