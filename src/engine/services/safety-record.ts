import { DecodeError, tryDecode } from "../../core/bytes/decode-error.ts";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { type TimeMs, timeMs } from "../../core/values/height.ts";
import type { ClientStore } from "./client-store.ts";

export const SAFETY_KEY = "safety";
const VERSION = 1;
/** No time: it has not happened. */
const NEVER = 0;

/** Which ways back to the coins have stood their check, and when. */
export interface SafetyRecord {
  readonly wordsCheckedMs: TimeMs | undefined;
  readonly kitCheckedMs: TimeMs | undefined;
}

const NOTHING: SafetyRecord = { wordsCheckedMs: undefined, kitCheckedMs: undefined };

/** `version u8 ‖ words u64 ‖ kit u64`, times in Unix milliseconds, 0 = never. */
export function encodeSafetyRecord({ wordsCheckedMs, kitCheckedMs }: SafetyRecord): Uint8Array {
  return new Writer(17)
    .u8(VERSION)
    .u64(wordsCheckedMs ?? NEVER)
    .u64(kitCheckedMs ?? NEVER)
    .finish();
}

export function decodeSafetyRecord(bytes: Uint8Array): SafetyRecord {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== VERSION) throw new DecodeError(`record version ${version}`);
    const readTime = (): TimeMs | undefined => {
      const value = reader.u53();
      return value === NEVER ? undefined : timeMs(value);
    };
    return { wordsCheckedMs: readTime(), kitCheckedMs: readTime() };
  });
}

/** What is stored; where that cannot be read, nothing was checked: that asks once more and loses nothing. */
export function readSafetyRecord(store: ClientStore): SafetyRecord {
  const bytes = store.record(SAFETY_KEY);
  const decoded = bytes && tryDecode(decodeSafetyRecord, bytes);
  return decoded?.ok === true ? decoded.value : NOTHING;
}

export async function writeSafetyRecord(store: ClientStore, change: Partial<SafetyRecord>): Promise<void> {
  const record = { ...readSafetyRecord(store), ...change };
  await store.write({ puts: [{ key: SAFETY_KEY, bytes: encodeSafetyRecord(record) }], deletes: [] });
}
