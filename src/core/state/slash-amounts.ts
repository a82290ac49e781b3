/** What a slash does to one stake (ST-4), in µSTG. */
export interface SlashAmounts {
  /** Taken from the stake. */
  readonly slashed: bigint;
  /** Part of it for the account of whoever included the evidence. */
  readonly includer: bigint;
  /** The rest. */
  readonly burned: bigint;
}

/** A twentieth of the slash rewards the report; more would make framing a friend's key a business. */
const INCLUDER_PART = 20n;

export function slashAmounts(amountNow: bigint, slashBp: number): SlashAmounts {
  const slashed = (amountNow * BigInt(slashBp)) / 10_000n;
  const includer = slashed / INCLUDER_PART;
  return { slashed, includer, burned: slashed - includer };
}
