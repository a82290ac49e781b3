import { compareBytes, isZeroBytes } from "../bytes/compare-bytes.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import { decodeWhole, type Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { merkleRoot } from "../crypto/merkle.ts";
import { ACCOUNT_SIZE, ACCOUNTS_MAX, AWARD_KEYS_MAX, BLS_KEY_SIZE } from "../params/limits.ts";
import type { AddressKeys } from "../values/address.ts";
import { amount, isAmount, type Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import { epoch, height, timeMs, type Epoch, type Height, type TimeMs } from "../values/height.ts";

/** Status of a validator's key; the number on the wire is the place here (6.1). */
export const ACCOUNT_STATUS = ["ok", "jailed", "slash-due", "removed"] as const;
export type AccountStatus = (typeof ACCOUNT_STATUS)[number];

/** One week's tally of a key (CO-18), the input of AW-1. */
export interface WeekCounters {
  readonly epochs: number;
  readonly blocks: number;
  readonly signed: number;
  readonly assigned: number;
  readonly missed: number;
  readonly isFaulty: boolean;
}

/** Record 01: what the chain keeps of one BLS key (6.1, CO-18). */
export interface ValidatorAccount {
  readonly blsKey: Uint8Array;
  readonly status: AccountStatus;
  /** Proposer who included the evidence; 0^48 unless a slash is due. */
  readonly includer: Uint8Array;
  readonly balance: Amount;
  /** Reward address of the oldest live stake. */
  readonly reward: AddressKeys;
  readonly lastSignedEpoch: Epoch;
  readonly unjailEpoch: Epoch;
  readonly week: WeekCounters;
}

/** Record 02: fee multiplier and the beginning of the epoch (FE-1, CO-2). */
export interface EpochRecord {
  readonly multiplier: number;
  readonly previousMultiplier: number;
  readonly start: TimeMs;
  readonly firstLeaf: number;
}

/** Record 03, while an award is due (AW-2). */
export interface AwardRecord {
  readonly week: bigint;
  readonly dueHeight: Height;
  /** Ascending. */
  readonly blsKeys: readonly Uint8Array[];
}

/** Everything under aux_root. */
export interface AuxRecords {
  /** Ascending by key. */
  readonly accounts: readonly ValidatorAccount[];
  readonly epoch: EpochRecord;
  readonly award: AwardRecord | undefined;
}

const KEY = { account: 1, epoch: 2, award: 3 } as const;
export const NO_INCLUDER = new Uint8Array(BLS_KEY_SIZE);
export const ZERO_WEEK: WeekCounters = { epochs: 0, blocks: 0, signed: 0, assigned: 0, missed: 0, isFaulty: false };
/** The record of a key without history (CO-18). */
export function freshAccount(blsKey: Uint8Array, reward: AddressKeys, lastSignedEpoch: Epoch): ValidatorAccount {
  return {
    blsKey,
    status: "ok",
    includer: NO_INCLUDER,
    balance: amount(0n),
    reward,
    lastSignedEpoch,
    unjailEpoch: epoch(0),
    week: ZERO_WEEK,
  };
}

/** The record of a key, among records ascending by key. */
export function accountOf(accounts: readonly ValidatorAccount[], blsKey: Uint8Array): ValidatorAccount | undefined {
  let [low, high] = [0, accounts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareBytes(accounts[middle]!.blsKey, blsKey) < 0) low = middle + 1;
    else high = middle;
  }
  const found = accounts[low];
  return found !== undefined && compareBytes(found.blsKey, blsKey) === 0 ? found : undefined;
}

/** With the records 02 and 03. Bounds what a snapshot makes us allocate. */
const AUX_RECORDS_MAX = ACCOUNTS_MAX + 2;

export function encodeAccount(account: ValidatorAccount): Uint8Array {
  const writer = new Writer(ACCOUNT_SIZE).u8(KEY.account).fixed(account.blsKey, BLS_KEY_SIZE);
  writer.u8(ACCOUNT_STATUS.indexOf(account.status)).fixed(account.includer, BLS_KEY_SIZE).u64(account.balance);
  writer.fixed(account.reward.spendKey, 32).fixed(account.reward.viewKey, 32);
  writer.u32(account.lastSignedEpoch).u32(account.unjailEpoch);
  const { week } = account;
  writer.u16(week.epochs).u32(week.blocks).u32(week.signed).u32(week.assigned).u32(week.missed);
  return writer.u8(week.isFaulty ? 1 : 0).finish();
}

function encodeEpochRecord(record: EpochRecord): Uint8Array {
  const writer = new Writer(25).u8(KEY.epoch).u32(record.multiplier).u32(record.previousMultiplier);
  return writer.u64(record.start).u64(record.firstLeaf).finish();
}

/** Record 03: the last leaf under aux_root while an award is due. */
export function encodeAward(award: AwardRecord): Uint8Array {
  const writer = new Writer(64).u8(KEY.award).u64(award.week).u64(award.dueHeight).u16(award.blsKeys.length);
  return writer.list(award.blsKeys, (out, key) => out.fixed(key, BLS_KEY_SIZE)).finish();
}

/** Every record as `key ‖ value`, sorted by key: the leaves under aux_root (6.1). */
export function listAuxRecords(records: AuxRecords): readonly Uint8Array[] {
  const rest = records.award === undefined ? [] : [encodeAward(records.award)];
  return [...records.accounts.map(encodeAccount), encodeEpochRecord(records.epoch), ...rest];
}

/** aux_root of 6.1. */
export function auxRoot(records: AuxRecords): Hash {
  return merkleRoot(listAuxRecords(records));
}

export function writeAuxRecords(writer: Writer, records: AuxRecords): void {
  const list = listAuxRecords(records);
  writer.u32(list.length).list(list, (out, record) => out.bytes(record));
}

/** Reads a count and the sorted records, exactly one of them of key 02. */
export function readAuxRecords(reader: Reader): AuxRecords {
  const count = reader.u32();
  if (count > AUX_RECORDS_MAX) throw new DecodeError(`${count} aux records`);
  const accounts: ValidatorAccount[] = [];
  let epochRecord: EpochRecord | undefined;
  let award: AwardRecord | undefined;
  let previousKey = 0;
  for (let index = 0; index < count; index++) {
    const key = reader.u8();
    if (key < previousKey || (key === previousKey && key !== KEY.account))
      throw new DecodeError("aux records not sorted");
    previousKey = key;
    if (key === KEY.account) accounts.push(readAccount(reader));
    else if (key === KEY.epoch) epochRecord = readEpochRecord(reader);
    else if (key === KEY.award) award = readAward(reader);
    else throw new DecodeError(`aux record ${key}`);
  }
  checkKeysAscending(accounts.map((account) => account.blsKey));
  if (epochRecord === undefined) throw new DecodeError("no epoch record");
  return { accounts, epoch: epochRecord, award };
}

export function decodeAuxRecords(bytes: Uint8Array): AuxRecords {
  return decodeWhole(bytes, readAuxRecords);
}

export function encodeAuxRecords(records: AuxRecords): Uint8Array {
  return concatBytes(new Writer(4).u32(listAuxRecords(records).length).finish(), ...listAuxRecords(records));
}

function readAccount(reader: Reader): ValidatorAccount {
  const blsKey = reader.bytes(BLS_KEY_SIZE);
  const status = ACCOUNT_STATUS[reader.u8()];
  if (status === undefined) throw new DecodeError("account status");
  const includer = reader.bytes(BLS_KEY_SIZE);
  if (status !== "slash-due" && !isZeroBytes(includer)) throw new DecodeError("includer without a slash");
  const balance = reader.u64();
  if (!isAmount(balance)) throw new DecodeError("balance of 2^53 or more");
  const reward = { spendKey: reader.bytes(32), viewKey: reader.bytes(32) };
  const lastSignedEpoch = epoch(reader.u32());
  const unjailEpoch = epoch(reader.u32());
  const counts = {
    epochs: reader.u16(),
    blocks: reader.u32(),
    signed: reader.u32(),
    assigned: reader.u32(),
    missed: reader.u32(),
  };
  const fault = reader.u8();
  if (fault > 1) throw new DecodeError("fault flag");
  const week = { ...counts, isFaulty: fault === 1 };
  return { blsKey, status, includer, balance: amount(balance), reward, lastSignedEpoch, unjailEpoch, week };
}

function readEpochRecord(reader: Reader): EpochRecord {
  const multiplier = reader.u32();
  const previousMultiplier = reader.u32();
  return { multiplier, previousMultiplier, start: timeMs(reader.u53()), firstLeaf: reader.u53() };
}

function readAward(reader: Reader): AwardRecord {
  const week = reader.u64();
  const dueHeight = height(reader.u53());
  const count = reader.u16();
  if (count === 0) throw new DecodeError("award without candidates");
  const blsKeys = reader.list(count, AWARD_KEYS_MAX, (from) => from.bytes(BLS_KEY_SIZE));
  checkKeysAscending(blsKeys);
  return { week, dueHeight, blsKeys };
}

function checkKeysAscending(keys: readonly Uint8Array[]): void {
  for (let index = 1; index < keys.length; index++) {
    if (compareBytes(keys[index - 1]!, keys[index]!) >= 0) throw new DecodeError("keys not ascending");
  }
}
