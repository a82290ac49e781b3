import type { ProposeStakeResult } from "../../../api/client-api.ts";
import type { AccruedView, StakeView, ValidatorStandingView } from "../../../api/views.ts";
import { formatHex } from "../../../core/bytes/hex.ts";
import { amount, formatAmount } from "../../../core/values/amount.ts";
import { acceptStake, formatStakeAcceptance, parseStakeOffer } from "../../../core/wallet/stake-offer.ts";
import { Refusal } from "../../refusal.ts";
import { UsageError, type Arguments } from "../arguments.ts";
import { readKeyFile } from "../key-file.ts";
import { amountOf, confirmed, FINAL, proposeRefusal, reached, requireSeed } from "./pay-commands.ts";
import { withWallet } from "./wallet-folder.ts";
import type { WalletContext, WalletSession } from "./wallet-session.ts";

const NO_SPENDING = "a wallet that only sees cannot stake";
const ACCEPTING_OPTIONS = ["validator", "validator-key", "acceptance"] as const;

/** `wallet stake`: locks coins, or prints the offer that a validator elsewhere has to accept first. */
export function stake(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const how = ACCEPTING_OPTIONS.filter((name) => args.has(name));
  if (how.length !== 1) throw new UsageError("one of --validator, --validator-key and --acceptance is needed");
  const isOffer = args.has("validator-key");
  if (isOffer && args.has("amount")) throw new UsageError("--amount comes with --acceptance: an offer names none");
  const sum = isOffer ? undefined : amountOf(args);
  return withWallet(context, async (session) => {
    requireSeed(session, NO_SPENDING);
    await session.synced();
    if (sum === undefined) {
      const offer = await offerTo(session, args.required("validator-key"));
      output.note("The holder of that key answers it with: stegos key accept FILE OFFER");
      output.out(args.has("json") ? JSON.stringify({ offer }) : offer);
      return;
    }
    const acceptance = args.text("acceptance") ?? (await acceptHere(session, args));
    const proposed = await session.client.stakes.propose({ amount: sum, acceptance });
    await act(context, session, proposed, (fee) => `locked ${formatAmount(sum)} STG, fee ${fee} STG`);
  });
}

/** `wallet unstake STAKE`. */
export function unstake(context: WalletContext): Promise<void> {
  const leaf = stakeOf(context.args);
  return withWallet(context, async (session) => {
    requireSeed(session, NO_SPENDING);
    await session.synced();
    const proposed = await session.client.stakes.proposeUnstake(leaf);
    await act(
      context,
      session,
      proposed,
      (fee) => `asked for stake ${leaf} back, fee ${fee} STG; see: stegos wallet stakes`,
    );
  });
}

/** `wallet withdraw STAKE`. */
export function withdraw(context: WalletContext): Promise<void> {
  const leaf = stakeOf(context.args);
  return withWallet(context, async (session) => {
    requireSeed(session, NO_SPENDING);
    await session.synced();
    const proposed = await session.client.stakes.proposeWithdrawal(leaf);
    await act(context, session, proposed, (fee) => `withdrew stake ${leaf}, fee ${fee} STG`);
  });
}

/** `wallet stakes`. */
export function stakes(context: WalletContext): Promise<void> {
  const { args, output } = context;
  return withWallet(context, async (session) => {
    await session.synced();
    if (session.client.tier === "view-received") throw new Refusal("view_only", "a view-received key sees no stakes");
    const read = await session.client.stakes.validators();
    if (!read.ok) output.note("no node tells where the validators stand");
    const standings = new Map(read.ok ? read.validators.map((each) => [each.validatorKey, each]) : []);
    for (const view of await session.client.views.stakes()) {
      const standing = standings.get(view.validatorKey ?? "");
      output.out(args.has("json") ? JSON.stringify(stakeObject(view, standing)) : stakeLine(view, standing));
    }
    if (read.ok && read.accrued !== undefined) output.note(accruedLine(read.accrued));
    const earned = (await session.client.views.staking())?.earned ?? amount(0n);
    if (earned > 0n) output.note(`${formatAmount(earned)} STG of rewards have come, and are in the balance`);
  });
}

function stakeOf(args: Arguments): number {
  const text = args.words[0]!;
  if (!/^\d{1,13}$/.test(text)) throw new UsageError("a stake is named by the number that `stakes` shows");
  return Number(text);
}

async function offerTo(session: WalletSession, validatorKey: string): Promise<string> {
  const made = await session.client.stakes.offer(validatorKey);
  if (made.ok) return made.offer;
  if (made.code === "not_ready") throw new Refusal(made.code, "the chain is not known yet");
  throw new Refusal(made.code, "this is no public half of a validator key");
}

/** Both keys are on this machine: the offer is made and accepted at once, as `stegos key accept` would. */
async function acceptHere(session: WalletSession, args: Arguments): Promise<string> {
  const seed = await readKeyFile(args.required("validator"));
  const { createBlstBls } = await import("../../crypto/blst-bls.ts");
  const bls = createBlstBls();
  const offer = parseStakeOffer(await offerTo(session, formatHex(bls.publicKey(seed))));
  if (offer === undefined) throw new Error("an offer of ours that is none");
  return formatStakeAcceptance(acceptStake(bls, seed, offer));
}

async function act(
  { args, output }: WalletContext,
  session: WalletSession,
  proposed: ProposeStakeResult,
  said: (fee: string) => string,
): Promise<void> {
  if (!proposed.ok) throw stakeRefusal(proposed);
  const { proposalId, fee } = proposed.proposal;
  const txid = await confirmed(session, proposalId);
  const state = await reached(session, txid, FINAL);
  if (args.has("json")) {
    output.out(JSON.stringify({ txid, state, fee: fee.toString() }));
    return;
  }
  output.note(said(formatAmount(fee)));
  output.out(txid);
}

type Refused = Extract<ProposeStakeResult, { ok: false }>;
type StakeCode = Exclude<Refused["code"], Parameters<typeof proposeRefusal>[0]["code"]>;

function stakeRefusal(result: Refused): Refusal {
  switch (result.code) {
    case "insufficient_funds":
    case "funds_busy":
    case "not_ready":
    case "address_invalid":
    case "amount_zero":
    case "memo_too_long":
      return proposeRefusal(result);
    case "stake_too_small":
      return new Refusal(result.code, `${STAKE_REFUSED[result.code]} ${formatAmount(result.minimum)} STG`);
    default:
      return new Refusal(result.code, STAKE_REFUSED[result.code]);
  }
}

const STAKE_REFUSED: Readonly<Record<StakeCode, string>> = {
  stake_too_small: "[ST-1] too little to be locked; the least is",
  acceptance_invalid: "this is no acceptance, or not one by the key that it names",
  acceptance_foreign: "the acceptance is for another wallet or another network",
  acceptance_used: "a stake was made with this acceptance before; make a new offer",
  unknown_stake: "this wallet has no such stake",
  already_unbonding: "this stake was asked for back before",
  not_released: "this stake is still locked; `stakes` tells until when",
  stake_busy: "a transaction about this stake is on its way",
  stake_unclear: "the stake has changed in a way this wallet cannot follow; restore it from its words",
  stake_below_fee: "less is left of this stake than the fee",
};

function stakeObject(
  { leaf, validatorKey, amount, status, releaseMs, isValidating }: StakeView,
  standing: ValidatorStandingView | undefined,
) {
  return {
    stake: leaf ?? null,
    validator_key: validatorKey ?? null,
    amount: amount.toString(),
    status,
    release_ms: releaseMs ?? null,
    validating: isValidating,
    validator_status: standing?.status ?? null,
    last_signed_ms: standing?.lastSignedMs ?? null,
    validator_accrued: standing?.accrued?.toString() ?? null,
  };
}

const isoOf = (timeMs: number): string => new Date(timeMs).toISOString().replace(/\.\d+Z$/, "Z");

function stakeLine(
  { leaf, validatorKey, amount, status, releaseMs, isValidating }: StakeView,
  standing: ValidatorStandingView | undefined,
): string {
  const until = releaseMs === undefined ? "" : ` until ${isoOf(releaseMs)}`;
  const seat = isValidating ? " validating" : "";
  const key = validatorKey === undefined ? "" : ` ${validatorKey}`;
  return `${leaf ?? "-"} ${formatAmount(amount)} STG ${status}${until}${seat}${key}${standingWords(standing)}`;
}

function accruedLine({ amount: sum, due, payoutMs, asOfMs }: AccruedView): string {
  const small = due < sum ? `; a validator with less than 1 STG waits for more` : "";
  const earned = `${formatAmount(sum)} STG of rewards were earned by ${isoOf(asOfMs)} and are not paid out yet`;
  return `${earned}, next payout about ${isoOf(payoutMs)}${small}`;
}

/** Nothing where the seat says it all. */
function standingWords(standing: ValidatorStandingView | undefined): string {
  if (standing === undefined || standing.status === "active") return "";
  const since = standing.lastSignedMs === undefined ? "" : `, last vote about ${isoOf(standing.lastSignedMs)}`;
  return ` (validator ${standing.status}${since})`;
}
