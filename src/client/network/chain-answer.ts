import type { AwardView, ChainView, DrawView, ValidatorSeatView } from "../../api/views.ts";
import { amount, isAmount, type Amount } from "../../core/values/amount.ts";

/** What one batch asks, in this order; ids are places. */
export const CHAIN_METHODS = ["status", "validators", "supply", "holdings", "award"] as const;
/** A set of 100 seats takes some 30 kB, a draw with its proof some 10 kB. */
export const CHAIN_ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** More than any set has (ST-5). */
export const SEATS_MAX = 256;
/** Draws that are asked for and kept of an answer: a quarter of a year of weeks. */
export const DRAWS_MAX = 12;
/** Letters of a validator's key as hex. */
const KEY_LENGTH_MAX = 96;
/** Unix milliseconds that a Date can hold. */
const TIME_MS_MAX = 8.64e15;

/** What is wrong with an answer: nobody is shown it. */
class ShapeError extends Error {}

type Fields = Readonly<Record<string, unknown>>;

/** A past draw as it is shown, and as the node wrote it. */
export interface PastDraw {
  readonly view: Omit<DrawView, "recheck">;
  readonly claim: unknown;
}

/** An answer without the rechecks of this device. */
export interface ChainAnswer {
  readonly chain: Omit<ChainView, "award">;
  readonly award: Omit<AwardView, "past">;
  /** Newest first. */
  readonly past: readonly PastDraw[];
}

/**
 * Reads the answers to {@link CHAIN_METHODS}. undefined unless each has the shape of interfaces.md; `holdings` alone may be
 * refused, since not every node has it.
 */
export function parseChainAnswer(text: string): ChainAnswer | undefined {
  try {
    const answers = readList(JSON.parse(text) as unknown, CHAIN_METHODS.length).map(readObject);
    const resultOf = (method: (typeof CHAIN_METHODS)[number]): unknown => {
      return answers.find(({ id }) => id === CHAIN_METHODS.indexOf(method))?.["result"];
    };
    const status = readObject(resultOf("status"));
    const supply = readObject(resultOf("supply"));
    const award = readObject(resultOf("award"));
    const holdings = resultOf("holdings");
    const chain = {
      height: readWhole(status, "height"),
      timeMs: readTime(status, "time_ms"),
      seats: readList(resultOf("validators"), SEATS_MAX).map(readSeat),
      minted: readAmount(supply, "minted"),
      burned: readAmount(supply, "burned"),
      doesSupplyAddUp: readFlag(supply, "invariant_ok"),
      // Other nodes than ours need not say it.
      bytesStored: holdings === undefined ? undefined : readWhole(readObject(holdings), "bytes"),
    };
    return { chain, award: readAward(award), past: readPast(award["past"]) };
  } catch (error) {
    if (error instanceof ShapeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readSeat(value: unknown): ValidatorSeatView {
  const seat = readObject(value);
  const onlineShare = seat["online_share"];
  if (typeof onlineShare !== "number" || !(onlineShare >= 0 && onlineShare <= 1)) throw new ShapeError("online_share");
  return {
    stake: readAmount(seat, "stake"),
    onlineShare,
    missedProposals: readWhole(seat, "missed_proposals"),
    isJailed: readFlag(seat, "jailed"),
  };
}

function readAward(award: Fields): ChainAnswer["award"] {
  return {
    pot: readAmount(award, "pot"),
    drawAtMs: award["draw_at_ms"] === null ? undefined : readTime(award, "draw_at_ms"),
    eligibleCount: readList(award["eligible"], SEATS_MAX).length,
  };
}

function readPast(past: unknown): readonly PastDraw[] {
  if (!Array.isArray(past)) throw new ShapeError("past");
  return past
    .map((claim: unknown) => ({ view: readDraw(claim), claim }))
    .sort((left, right) => right.view.week - left.view.week)
    .slice(0, DRAWS_MAX);
}

function readDraw(value: unknown): PastDraw["view"] {
  const draw = readObject(value);
  const winner = draw["winner"];
  if (typeof winner !== "string" || winner.length > KEY_LENGTH_MAX || !/^[0-9a-f]+$/.test(winner))
    throw new ShapeError("winner");
  return {
    week: readWhole(draw, "week"),
    winner,
    amount: readAmount(draw, "amount"),
    beaconHeight: readWhole(draw, "beacon_height"),
  };
}

function readObject(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError("object");
  return value as Fields;
}

function readList(value: unknown, countMax: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > countMax) throw new ShapeError("list");
  return value;
}

function readWhole(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new ShapeError(name);
  return value;
}

function readTime(fields: Fields, name: string): number {
  const value = readWhole(fields, name);
  if (value > TIME_MS_MAX) throw new ShapeError(name);
  return value;
}

function readFlag(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value !== "boolean") throw new ShapeError(name);
  return value;
}

/** µSTG as decimal digits. */
function readAmount(fields: Fields, name: string): Amount {
  const value = fields[name];
  if (typeof value !== "string" || !/^\d{1,20}$/.test(value)) throw new ShapeError(name);
  const micro = BigInt(value);
  if (!isAmount(micro)) throw new ShapeError(name);
  return amount(micro);
}
