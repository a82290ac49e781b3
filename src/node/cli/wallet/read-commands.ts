import { exportedState, historyCsv, historyObject } from "../../../api/history-export.ts";
import type { HistoryRow } from "../../../api/views.ts";
import { amount, formatAmount, type Amount } from "../../../core/values/amount.ts";
import { Refusal } from "../../refusal.ts";
import { UsageError } from "../arguments.ts";
import type { CommandOutput } from "../command.ts";
import { printable, printableCsv, printableJson } from "../printable.ts";
import { withWallet } from "./wallet-folder.ts";
import type { WalletContext, WalletSession } from "./wallet-session.ts";

const RECEIVED_ONLY =
  "A wallet with a view-received key sees what others pay: no change, and nothing that was spent before it was made.";

/** `wallet address`. */
export function address(context: WalletContext): Promise<void> {
  const { args, output } = context;
  return withWallet(context, async (session) => {
    const text = await session.inTime(session.client.accounts.address({ fresh: args.has("fresh") }));
    output.out(args.has("json") ? JSON.stringify({ address: text }) : text);
  });
}

/** `wallet balance`. */
export function balance(context: WalletContext): Promise<void> {
  const { args, output } = context;
  return withWallet(context, async (session) => {
    const { height } = await session.synced();
    const { client } = session;
    if (client.tier === "view-received") {
      const received = await receivedBy(session);
      if (args.has("json")) output.out(JSON.stringify({ received: received.toString(), height, tier: client.tier }));
      else {
        output.out(`received ${formatAmount(received)} STG`);
        output.note(RECEIVED_ONLY);
      }
      return;
    }
    const view = await client.views.balance();
    if (view === undefined) throw new Refusal("not_ready", "the balance is not known yet");
    const { total, usable } = view;
    if (args.has("json")) {
      const tier = client.tier === "seed" ? {} : { tier: client.tier };
      output.out(JSON.stringify({ total: total.toString(), usable: usable.toString(), height, ...tier }));
      return;
    }
    output.out(`${formatAmount(total)} STG`);
    if (usable !== total) output.note(`${formatAmount(usable)} STG of it can be spent now`);
  });
}

async function receivedBy({ client }: WalletSession): Promise<Amount> {
  const rows = await client.views.history();
  return amount(rows.reduce((sum, row) => (isArrival(row) ? sum + row.amount : sum), 0n));
}

/** Coins that come back from a stake, a gift or a packet were ours before. */
const BACK: readonly HistoryRow["act"][] = ["withdraw", "gift_back", "refund"];

/** Final: what a node says is on its way is no arrival yet (NW-13). */
function isArrival({ direction, state, act }: HistoryRow): boolean {
  return direction === "in" && state === "final" && (act === undefined || !BACK.includes(act));
}

/** `wallet history`. */
export function history(context: WalletContext): Promise<void> {
  const { args, output } = context;
  if (args.has("json") && args.has("csv")) throw new UsageError("--json and --csv exclude each other");
  return withWallet(context, async (session) => {
    await session.synced();
    const rows = await session.client.views.history();
    if (args.has("csv")) output.out(printableCsv(historyCsv(rows)).trimEnd());
    else for (const row of rows) printRow(row, args.has("json"), output);
    if (session.client.tier === "view-received") output.note(RECEIVED_ONLY);
  });
}

/** `wallet scan`: prints what arrives until Ctrl-C. */
export function scan(context: WalletContext): Promise<void> {
  const { args, output } = context;
  return withWallet(context, async (session) => {
    const { client } = session;
    const seen = new Set((await client.views.history()).map((row) => row.id));
    while (!session.isInterrupted) {
      if (session.failure !== undefined) throw session.failure;
      for (const row of [...(await client.views.history())].reverse()) {
        if (!isArrival(row) || seen.has(row.id)) continue;
        seen.add(row.id);
        printRow(row, args.has("json"), output);
      }
      await session.changed();
    }
  });
}

function printRow(row: HistoryRow, isJson: boolean, output: CommandOutput): void {
  if (isJson) {
    output.out(printableJson(historyObject(row)));
    return;
  }
  const time = new Date(row.timeMs).toISOString().replace(/\.\d+Z$/, "Z");
  const sum = `${row.direction === "in" ? "+" : "-"}${formatAmount(row.amount)} STG`;
  const fee = row.fee === 0n ? "" : ` fee ${formatAmount(row.fee)}`;
  const memo = row.memo === undefined ? "" : ` ${JSON.stringify(printable(row.memo))}`;
  const act = row.act === undefined ? "" : ` ${row.act}`;
  const until = row.isTimeBound === true ? "until " : "";
  output.out(`${until}${time} ${sum}${fee} ${exportedState(row)}${act} ${row.id}${memo}`);
}
