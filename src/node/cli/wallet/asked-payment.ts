import type { ReadRequestResult } from "../../../api/client-api.ts";
import { formatAmount, type Amount } from "../../../core/values/amount.ts";
import { isRequestOver } from "../../../core/values/payment-request.ts";
import { Refusal } from "../../refusal.ts";
import { UsageError } from "../arguments.ts";
import type { WalletSession } from "./wallet-session.ts";

/** What `send --to LINK` pays. `given`: of `--amount`, for a request that leaves it open. */
export async function askedBy(
  { client }: WalletSession,
  link: string,
  given: Amount | undefined,
): Promise<{ readonly to: string; readonly amount: Amount; readonly memo: string }> {
  const read = await client.requests.read(link);
  if (!read.ok) throw new Refusal(...READ_REFUSED[read.code]);
  const { to, amount, note, reference, ownId } = read.request;
  if (ownId !== undefined) throw new Refusal("request_own", "this wallet itself asks for that");
  if (isRequestOver(read.request, Date.now()))
    throw new Refusal("request_expired", "the request has ended; ask for a new one");
  const sum = amount ?? given;
  if (sum === undefined) throw new UsageError("the request names no amount, so --amount is needed");
  if (given !== undefined && given !== sum) throw new UsageError(`the request is for ${formatAmount(sum)} STG`);
  return { to, amount: sum, memo: [note, reference].filter((text) => text !== undefined).join("\n") };
}

const READ_REFUSED: Readonly<
  Record<Extract<ReadRequestResult, { ok: false }>["code"], readonly [code: string, message: string]>
> = {
  malformed: ["request_malformed", "this is no whole request; ask for the link again"],
  too_long: ["request_malformed", "this is too long for a request"],
  newer_version: ["request_newer", "this request needs a newer version"],
  wrong_network: ["wrong_network", "this request is of another network"],
  bad_points: ["address_invalid", "nobody can hold the address of this request"],
  not_ready: ["not_ready", "the network is not known yet"],
};
