import type { ProposeResult } from "../../../api/propose-result.ts";
import { formatAmount, parseAmount, type Amount } from "../../../core/values/amount.ts";
import { isRequestLink } from "../../../core/values/payment-request.ts";
import { Refusal } from "../../refusal.ts";
import { UsageError, type Arguments } from "../arguments.ts";
import { askedBy } from "./asked-payment.ts";
import { viewOnly } from "./make-commands.ts";
import { withWallet } from "./wallet-folder.ts";
import type { WalletContext, WalletSession } from "./wallet-session.ts";

const TXID = /^[0-9a-f]{64}$/;

/** `wallet send`: pays, and waits until the payment is final. */
export function send(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const target = args.required("to");
  const isRequest = isRequestLink(target);
  // Nothing is opened for a command that cannot be meant.
  const given = args.text("amount") === undefined && isRequest ? undefined : amountOf(args);
  return withWallet(context, async (session) => {
    requireSeed(session, "a wallet that only sees cannot pay");
    await session.synced();
    const { payments } = session.client;
    const asked = isRequest ? await askedBy(session, target, given) : { to: target, amount: given!, memo: "" };
    const { to, amount: sum } = asked;
    const proposed = await payments.propose({ to, amount: sum, memo: args.text("note") ?? asked.memo });
    if (!proposed.ok) throw proposeRefusal(proposed);
    const txid = await confirmed(session, proposed.proposal.proposalId);
    const state = await reached(session, txid, args.has("no-wait") ? HANDED_IN : FINAL);
    const { fee } = proposed.proposal;
    if (args.has("json")) {
      output.out(JSON.stringify({ txid, state, amount: sum.toString(), fee: fee.toString() }));
      return;
    }
    output.note(`${state === "final" ? "paid" : "paying"} ${formatAmount(sum)} STG, fee ${formatAmount(fee)} STG`);
    output.out(txid);
  });
}

/** `--amount`. */
export function amountOf(args: Arguments): Amount {
  const parsed = parseAmount(args.required("amount"));
  if (!parsed.ok) throw new UsageError("--amount takes STG, such as 12.5");
  return parsed.amount;
}

export function requireSeed({ client }: WalletSession, message: string): void {
  if (client.tier !== "seed") throw viewOnly(message);
}

export function proposeRefusal(result: Extract<ProposeResult, { ok: false }>): Refusal {
  const missing = result.missing === undefined ? "" : `; ${formatAmount(result.missing)} STG are missing`;
  return new Refusal(result.code, `${PROPOSE_REFUSED[result.code]}${missing}`);
}

const PROPOSE_REFUSED: Readonly<Record<Extract<ProposeResult, { ok: false }>["code"], string>> = {
  insufficient_funds: "there are not enough coins",
  funds_busy: "the coins are there, but change of an earlier payment is not final yet",
  not_ready: "the chain is not known yet",
  address_invalid: "this is no address of this network",
  amount_zero: "nothing cannot be paid",
  memo_too_long: "the note is too long",
};

/** Confirms a proposal: from then on it is stored and goes on with the next command. The txid as hex. */
export async function confirmed(session: WalletSession, proposalId: string): Promise<string> {
  const result = await session.client.payments.confirm(proposalId);
  if (!result.ok) throw new Refusal(result.code, CONFIRM_REFUSED[result.code]);
  return result.txid;
}

const CONFIRM_REFUSED = {
  proposal_expired: "the price has changed; try again",
  funds_changed: "the coins were spent meanwhile; try again",
  build_failed: "the payment could not be made; nothing was stored and nothing was sent; try again",
  storage_failed: "storing the payment failed; look into history before paying again",
  pictures_waiting: "too many pictures are on their way to nodes; nothing was sent; try again later",
  picture_not_stored: "there is no room for the picture; nothing was sent",
} as const;

/** A block has it. */
export const FINAL: ReadonlySet<string> = new Set(["final"]);
/** A node has taken it. */
const HANDED_IN: ReadonlySet<string> = new Set(["sent", "final"]);

/**
 * Waits for one of these states of a payment that is stored. It goes on with the next command whatever ends this one, so
 * every other end is `pending` and names it: who reads `interrupted` or `timeout` pays again.
 */
export async function reached(session: WalletSession, txid: string, states: ReadonlySet<string>): Promise<string> {
  try {
    return await session.until(
      async () => {
        const state = (await session.row(txid))?.state;
        if (state === "failed") throw paymentFailed();
        return state !== undefined && states.has(state) ? state : undefined;
      },
      () => Promise.resolve(pending(txid)),
    );
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === "payment_failed") throw error;
    throw pending(txid);
  }
}

function paymentFailed(): Refusal {
  return new Refusal("payment_failed", "the payment did not become final; nothing was paid");
}

function pending(txid: string): Refusal {
  return new Refusal("pending", `payment ${txid} is stored and not final yet; the next command goes on with it`);
}

/** `wallet prove TXID`: a receipt for whoever is told of it. */
export function prove(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const txid = args.words[0]!;
  if (!TXID.test(txid)) throw new UsageError("a payment is named by the 64 digits that send and history show");
  return withWallet(context, async (session) => {
    requireSeed(session, "a wallet that only sees has made no payment");
    await session.synced();
    const made = await session.client.proofs.make(txid);
    if (!made.ok) throw new Refusal(made.code, PROVE_REFUSED[made.code]);
    output.note("Whoever has this line can show who was paid how much, and sees that payment's notes.");
    output.out(args.has("json") ? JSON.stringify({ proof: made.text }) : made.text);
  });
}

const PROVE_REFUSED = {
  unknown_payment: "this wallet has made no such payment",
  not_final: "the payment is not final",
  proof_lost: "the payment was made before the wallet kept what a proof needs",
} as const;
