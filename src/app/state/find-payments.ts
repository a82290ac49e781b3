import type { HistoryRow } from "../../api/views.ts";
import { type Amount, formatAmount } from "../../core/values/amount.ts";

export const PAYMENT_KINDS = ["all", "in", "out", "stake"] as const;
/** in, out: to us and from us · stake: what was done with a stake, or came of one. */
export type PaymentKind = (typeof PAYMENT_KINDS)[number];

/** Fewer letters stand in nearly every address and number. */
const ID_PART_MIN = 4;

interface Wanted {
  readonly kind: PaymentKind;
  readonly text: string;
  /** As amounts are written on the screen. */
  readonly write: (amount: Amount) => string;
}

/** Wide and narrow forms, capitals and small letters are one. */
const plain = (text: string): string => text.normalize("NFKC").toLowerCase();

const STAKE_ACTS: readonly HistoryRow["act"][] = ["stake", "unstake", "withdraw", "payout", "award"];

const isStakeAct = (act: HistoryRow["act"]): boolean => act !== undefined && STAKE_ACTS.includes(act);

/** Rows, in their order, that somebody means by a part of a label or note, of an address or a number, or by how an amount begins. */
export function findPayments(rows: readonly HistoryRow[], { kind, text, write }: Wanted): readonly HistoryRow[] {
  const words = plain(text).trim();
  const bare = words.replace(/\s/g, "");
  const isOfKind = ({ act, direction }: HistoryRow): boolean =>
    kind === "all" || (kind === "stake" ? isStakeAct(act) : !isStakeAct(act) && direction === kind);
  const isMeant = ({ label, memo, to, id, amount }: HistoryRow): boolean => {
    if (bare === "" || [label, memo].some((each) => each !== undefined && plain(each).includes(words))) return true;
    if (bare.length >= ID_PART_MIN && [to, id].some((each) => each?.includes(bare) === true)) return true;
    return [write(amount), formatAmount(amount)].some((figure) => plain(figure).startsWith(bare));
  };
  return rows.filter((row) => isOfKind(row) && isMeant(row));
}
