import type { LockView, Unlock } from "../../api/lock.ts";
import { DecodeError, tryDecode } from "../../core/bytes/decode-error.ts";
import { importAtRestKey, unseal } from "./at-rest-key.ts";
import { decodeSlots, findSlot, type LockSlot, openSlot } from "./lock-slots.ts";
import type { ClientDatabase, OpenDatabaseOptions } from "./open-database.ts";
import { PackedRecords } from "./packed-records.ts";
import { LOCK_PLACE, placeOf, SECRETS_PLACE } from "./places.ts";
import { countAttempt, lookAtAttempts, NO_ATTEMPTS, type PinAttempts } from "./pin-attempts.ts";
import type { SealedRow } from "./schema.ts";
import { StorageError } from "./storage-error.ts";
import { transact } from "./transact.ts";

export interface OpenStoreOptions extends OpenDatabaseOptions {
  /** How a locked wallet is to be opened. */
  readonly unlock?: Unlock;
  /** The device's clock, for waits between PINs. */
  readonly now?: () => number;
}

/** What was stored, opened. */
export interface Loaded {
  readonly deviceKey: CryptoKey;
  /** The device's, unless there is a lock. */
  readonly rowKey: CryptoKey;
  readonly lock: { readonly walletKey: Uint8Array; readonly slots: readonly LockSlot[] } | undefined;
  readonly secrets: Uint8Array | undefined;
  readonly packed: PackedRecords;
}

export type Taken =
  | { readonly ok: true; readonly generation: number; readonly loading: Promise<Loaded> }
  | { readonly ok: false; readonly lock: LockView };

interface Read {
  readonly generation: number;
  readonly key: CryptoKey;
  readonly lock: SealedRow | undefined;
  readonly secrets: SealedRow | undefined;
  readonly places: readonly (readonly [kind: string, row: number])[];
  readonly rows: readonly SealedRow[];
}

/**
 * Counts the generation up, so that no engine opened earlier can write any more, and makes sure there is a key. What it
 * read in the same transaction is opened while that is being made durable, unless it is locked.
 */
export async function takeOver(
  database: ClientDatabase,
  spare: CryptoKey,
  { unlock, now = Date.now }: OpenStoreOptions,
): Promise<Taken> {
  let read: Read | undefined;
  let loading: Promise<Loaded> | undefined;
  await transact(database, async (transaction) => {
    const meta = transaction.objectStore("meta");
    const records = transaction.objectStore("records");
    const [before, stored, lock, secrets, places, rows] = await Promise.all([
      meta.get("generation") as Promise<number | undefined>,
      meta.get("key") as Promise<CryptoKey | undefined>,
      meta.get("lock") as Promise<SealedRow | undefined>,
      meta.get("secrets") as Promise<SealedRow | undefined>,
      records.getAllKeys(),
      records.getAll(),
    ]);
    // A key can be missing only with everything it has sealed.
    if (stored === undefined && (secrets !== undefined || lock !== undefined || rows.length > 0))
      throw new StorageError("storage_broken");
    const generation = (before ?? 0) + 1;
    const key = stored ?? spare;
    read = { generation, key, lock, secrets, places, rows };
    if (lock === undefined) {
      loading = load(read, key, undefined);
      loading.catch(() => undefined);
    }
    return [() => meta.put(generation, "generation"), () => meta.put(key, "key")];
  });
  const { generation, key, lock } = read!;
  if (loading !== undefined) return { ok: true, generation, loading };
  const slots = tryDecode(decodeSlots, await unseal(key, LOCK_PLACE, lock!));
  if (!slots.ok) throw new StorageError("storage_broken", slots.reason);
  const opened = await tryUnlock(database, slots.value, unlock, now);
  if (!opened.ok) return opened;
  const { walletKey } = opened;
  const rowKey = await importAtRestKey(walletKey);
  return { ok: true, generation, loading: load(read!, rowKey, { walletKey, slots: slots.value }) };
}

type Unlocked = { readonly ok: true; readonly walletKey: Uint8Array } | { readonly ok: false; readonly lock: LockView };

/** One attempt, or just a look. A PIN is counted before it is judged: ending the app undoes nothing. */
async function tryUnlock(
  database: ClientDatabase,
  slots: readonly LockSlot[],
  unlock: Unlock | undefined,
  now: () => number,
): Promise<Unlocked> {
  const locked = (waitMs: number, refused: LockView["refused"]): Unlocked => {
    const passkeys = slots.flatMap((slot) => (slot.type === "passkey" ? [slot.credentialId] : []));
    return { ok: false, lock: { hasPin: slots.some(({ type }) => type === "pin"), passkeys, waitMs, refused } };
  };
  const slot = unlock && findSlot(slots, unlock);
  const isPin = slot?.type === "pin";
  const { before, after } = await countTry(database, isPin, now);
  if (unlock === undefined) return locked(before.waitMs, undefined);
  if (slot === undefined) return locked(before.waitMs, unlock.type === "pin" ? "wrong_pin" : "passkey_unknown");
  if (isPin && before.waitMs > 0) return locked(before.waitMs, "too_soon");
  const walletKey = openSlot(slot, unlock);
  if (walletKey === undefined) return locked(after.waitMs, isPin ? "wrong_pin" : "passkey_unknown");
  await transact(database, (transaction) =>
    Promise.resolve([() => transaction.objectStore("meta").delete("attempts")]),
  );
  return { ok: true, walletKey };
}

interface Tries {
  /** As it stands before this try. */
  readonly before: PinAttempts;
  readonly after: PinAttempts;
}

async function countTry(database: ClientDatabase, isTry: boolean, now: () => number): Promise<Tries> {
  let tries: Tries | undefined;
  await transact(database, async (transaction) => {
    const meta = transaction.objectStore("meta");
    const stored = (await meta.get("attempts")) as PinAttempts | undefined;
    const nowMs = now();
    const before = lookAtAttempts(stored ?? NO_ATTEMPTS, nowMs);
    const after = isTry && before.waitMs === 0 ? countAttempt(before, nowMs) : before;
    tries = { before, after };
    return stored === undefined && after.failed === 0 ? [] : [() => meta.put(after, "attempts")];
  });
  return tries!;
}

async function load(read: Read, rowKey: CryptoKey, lock: Loaded["lock"]): Promise<Loaded> {
  const packed = new PackedRecords();
  const opened = await Promise.all(
    read.rows.map(async (row, index) => {
      const [kind, number] = read.places[index]!;
      return { kind, number, bytes: await unseal(rowKey, placeOf(kind, number), row) };
    }),
  );
  for (const { kind, number, bytes } of opened) loadRow(packed, kind, number, bytes);
  const secrets = read.secrets && (await unseal(rowKey, SECRETS_PLACE, read.secrets));
  return { deviceKey: read.key, rowKey, lock, secrets, packed };
}

function loadRow(packed: PackedRecords, kind: string, row: number, bytes: Uint8Array): void {
  try {
    packed.load(kind, row, bytes);
  } catch (error) {
    if (error instanceof DecodeError) throw new StorageError("storage_broken", error);
    throw error;
  }
}
