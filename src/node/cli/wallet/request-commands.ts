import type { MakeRequestResult } from "../../../api/client-api.ts";
import type { RequestView } from "../../../api/views.ts";
import { formatAmount } from "../../../core/values/amount.ts";
import { REQUEST_PATH, requestStatus } from "../../../core/values/payment-request.ts";
import { Refusal } from "../../refusal.ts";
import { UsageError, type Arguments } from "../arguments.ts";
import { printable, printableJson } from "../printable.ts";
import { amountOf } from "./pay-commands.ts";
import { withWallet } from "./wallet-folder.ts";
import { networkFileUrl } from "./wallet-options.ts";
import type { WalletContext, WalletSession } from "./wallet-session.ts";

const HOUR_MS = 3_600_000;
const EXPIRES_HOURS_DEFAULT = 168;
const EXPIRES_HOURS_MAX = 24 * 366;
const REQUEST_ID = /^[0-9a-f]{32}$/;

/** `wallet request`: a link that asks to be paid. */
export function request(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const amount = args.text("amount") === undefined ? undefined : amountOf(args);
  const hours = args.whole("expires", 0, EXPIRES_HOURS_MAX) ?? EXPIRES_HOURS_DEFAULT;
  return withWallet(context, async (session) => {
    const { network } = await session.synced();
    if (network === undefined) throw new Refusal("not_ready", REFUSED.not_ready);
    const { requests } = session.client;
    const made = await requests.make({
      amount,
      note: args.text("note"),
      reference: args.text("reference"),
      expiresMs: hours === 0 ? undefined : Date.now() + hours * HOUR_MS,
    });
    if (!made.ok) throw new Refusal(made.code, REFUSED[made.code]);
    const link = await linkTo(session, args, made.id);
    output.note("Whoever has this link sees what you ask for and the address it is paid at.");
    output.out(args.has("json") ? JSON.stringify({ id: made.id, link }) : link);
  });
}

const REFUSED: Readonly<Record<Extract<MakeRequestResult, { ok: false }>["code"], string>> = {
  amount_zero: "nothing cannot be asked for",
  note_too_long: "note and reference have room for 64 bytes together",
  already_over: "it would have ended already",
  too_many_open: "too many requests are open; cancel one, or wait for a payment",
  not_ready: "the network is not known yet",
};

async function linkTo({ client }: WalletSession, args: Arguments, id: string): Promise<string> {
  const fragment = await client.requests.fragment(id);
  if (fragment === undefined) throw new Refusal("unknown_request", "this wallet has no such request");
  return networkFileUrl(args).origin + REQUEST_PATH + fragment;
}

/** `wallet requests`. */
export function requests(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const cancelled = args.text("cancel");
  if (cancelled !== undefined && !REQUEST_ID.test(cancelled))
    throw new UsageError("--cancel takes the id of a request");
  return withWallet(context, async (session) => {
    await session.synced();
    const { client } = session;
    if (cancelled !== undefined) {
      const isKnown = (await client.views.requests()).some(({ id }) => id === cancelled);
      if (!isKnown) throw new Refusal("unknown_request", "this wallet has no such request");
      await client.requests.cancel(cancelled);
    }
    for (const view of await client.views.requests()) {
      const status = requestStatus(view, Date.now());
      if (!args.has("json")) output.out(lineOf(view, status));
      else output.out(printableJson({ ...objectOf(view, status), link: await linkTo(session, args, view.id) }));
    }
  });
}

function lineOf({ id, createdMs, amount, received, note, reference }: RequestView, status: string): string {
  const time = new Date(createdMs).toISOString().replace(/\.\d+Z$/, "Z");
  const asked = amount === undefined ? "any sum" : `${formatAmount(amount)} STG`;
  const came = received === 0n ? "" : `, ${formatAmount(received)} STG came`;
  const texts = [note, reference].flatMap((text) => (text === undefined ? [] : [JSON.stringify(printable(text))]));
  return [`${time} ${status} ${asked}${came}`, id, ...texts].join(" ");
}

function objectOf(view: RequestView, status: string): Readonly<Record<string, unknown>> {
  return {
    id: view.id,
    status,
    created_ms: view.createdMs,
    expires_ms: view.expiresMs ?? null,
    amount: view.amount?.toString() ?? null,
    received: view.received.toString(),
    note: view.note ?? null,
    reference: view.reference ?? null,
  };
}
