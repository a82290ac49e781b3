import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";
import type { Unlock } from "../../../../src/api/lock.ts";
import { LockService } from "../../../../src/client/engine/lock-service.ts";
import { openDatabase } from "../../../../src/client/storage/open-database.ts";
import { PIN_TRIES_FREE } from "../../../../src/client/storage/pin-attempts.ts";
import type { OpenStoreOptions } from "../../../../src/client/storage/take-over.ts";
import {
  discardWalletStore,
  type LockableStore,
  openLockableStore,
  openWalletStore,
} from "../../../../src/client/storage/wallet-store.ts";
import { PASSPHRASE_COST_LOG2_MIN } from "../../../../src/core/crypto/key-derivation.ts";
import { CutPlan, interceptChanges } from "../../../support/cut-storage.ts";
import { platformRandom } from "../../../../src/client/crypto/platform-random.ts";

const SEED = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);
const PIN = "271828";
const OTHER_PIN = "314159";
const pin = (text: string): Unlock => ({ type: "pin", pin: text });

let count = 0;
const freshName = (): string => `lock ${count++}`;

const lockOf = (store: LockableStore): LockService =>
  new LockService({ store, random: platformRandom, costLog2: PASSPHRASE_COST_LOG2_MIN });

async function makeWallet(name: string): Promise<LockableStore> {
  const store = await openWalletStore({ name });
  await store.putSecrets(SEED);
  await store.write({ puts: [{ key: "note/a", bytes: SEED }], deletes: [] });
  return store;
}

async function makeLocked(name: string): Promise<void> {
  const store = await makeWallet(name);
  expect(await lockOf(store).setPin(PIN)).toEqual({ ok: true });
  await store.close();
}

async function expectWallet(options: OpenStoreOptions): Promise<LockableStore> {
  const opened = await openLockableStore(options);
  if (!opened.ok) throw new Error(`locked: ${String(opened.lock.refused)}`);
  expect(opened.store.secrets()).toEqual(SEED);
  expect(opened.store.record("note/a")).toEqual(SEED);
  return opened.store;
}

async function rawBytes(name: string): Promise<string> {
  const database = await openDatabase({ name });
  const values = [...(await database.getAll("meta")), ...(await database.getAll("records"))];
  database.close();
  const flat = (value: unknown): readonly string[] => {
    if (value instanceof ArrayBuffer) return [new Uint8Array(value).join(",")];
    if (value instanceof Uint8Array) return [value.join(",")];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(flat) : [String(value)];
  };
  return values.flatMap(flat).join("|");
}

describe("a wallet with a PIN", () => {
  it("[NW-12] opens with it, and with nothing else; nothing readable lies in the database", async () => {
    const name = freshName();
    await makeLocked(name);
    expect(await openLockableStore({ name })).toEqual({
      ok: false,
      lock: { hasPin: true, passkeys: [], waitMs: 0, refused: undefined },
    });
    expect(await openLockableStore({ name, unlock: pin(OTHER_PIN) })).toMatchObject({ lock: { refused: "wrong_pin" } });
    const unknown: Unlock = { type: "passkey", credentialId: new Uint8Array(8), prf: new Uint8Array(32) };
    expect(await openLockableStore({ name, unlock: unknown })).toMatchObject({ lock: { refused: "passkey_unknown" } });
    const raw = await rawBytes(name);
    expect([raw.includes(SEED.slice(0, 8).join(",")), raw.includes(PIN)]).toEqual([false, false]);
    await (await expectWallet({ name, unlock: pin(PIN) })).close();
  });

  it("is sealed under another key than the device's: rows of before the lock do not fit in, nor the key of before", async () => {
    const name = freshName();
    const store = await makeWallet(name);
    const database = await openDatabase({ name });
    const [rowBefore, keyBefore] = [await database.get("records", ["note", 0]), await database.get("meta", "key")];
    expect((await lockOf(store).setPin(PIN)).ok).toBe(true);
    await store.close();
    expect(await database.get("meta", "key")).not.toBe(keyBefore);
    await database.put("records", rowBefore!, ["note", 0]);
    database.close();
    await expect(openLockableStore({ name, unlock: pin(PIN) })).rejects.toMatchObject({ code: "storage_broken" });
  });

  it("goes on writing, and a new PIN takes the old one's place", async () => {
    const name = freshName();
    await makeLocked(name);
    const store = await expectWallet({ name, unlock: pin(PIN) });
    await store.write({ puts: [{ key: "note/b", bytes: Uint8Array.of(2) }], deletes: [] });
    expect(await lockOf(store).setPin(OTHER_PIN)).toEqual({ ok: true });
    expect(store.slots.length).toBe(1);
    await store.close();
    expect(await openLockableStore({ name, unlock: pin(PIN) })).toMatchObject({ ok: false });
    const again = await expectWallet({ name, unlock: pin(OTHER_PIN) });
    expect(again.record("note/b")).toEqual(Uint8Array.of(2));
    expect(await lockOf(again).removePin()).toEqual({ ok: true });
    await again.close();
    await (await expectWallet({ name })).close();
  });

  it("refuses a PIN that is none, and changes nothing", async () => {
    const store = await makeWallet(freshName());
    expect(await lockOf(store).setPin("123456")).toEqual({ ok: false, code: "pin_simple" });
    expect(store.slots).toEqual([]);
    await store.close();
  });

  it("wipes its keys with the close, and is gone after an erase or a discard", async () => {
    const name = freshName();
    await makeLocked(name);
    const store = await expectWallet({ name, unlock: pin(PIN) });
    const secrets = store.secrets()!;
    await store.close();
    expect([secrets.every((byte) => byte === 0), store.secrets()]).toEqual([true, undefined]);
    await discardWalletStore({ name });
    const fresh = await openWalletStore({ name });
    expect([fresh.secrets(), fresh.records()]).toEqual([undefined, []]);
    await fresh.putSecrets(SEED);
    await lockOf(fresh).setPin(PIN);
    await fresh.erase();
    await fresh.close();
    const empty = await openWalletStore({ name });
    expect(empty.secrets()).toBeUndefined();
    await empty.close();
  });
});

describe("wrong PINs", () => {
  async function failTimes(name: string, times: number, now: () => number): Promise<void> {
    for (let index = 0; index < times; index++)
      expect(await openLockableStore({ name, unlock: pin(OTHER_PIN), now })).toMatchObject({ ok: false });
  }

  it("slow down, over restarts and clocks that are set back; the right one is not even looked at meanwhile", async () => {
    const name = freshName();
    await makeLocked(name);
    let nowMs = 1_000_000;
    const now = () => nowMs;
    await failTimes(name, PIN_TRIES_FREE, now);
    expect(await openLockableStore({ name, now })).toMatchObject({ lock: { waitMs: 30_000, refused: undefined } });
    expect(await openLockableStore({ name, unlock: pin(PIN), now })).toMatchObject({
      lock: { waitMs: 30_000, refused: "too_soon" },
    });
    nowMs -= 500_000;
    expect(await openLockableStore({ name, unlock: pin(PIN), now })).toMatchObject({ lock: { refused: "too_soon" } });
    nowMs += 29_999;
    expect(await openLockableStore({ name, now })).toMatchObject({ lock: { waitMs: 1 } });
    nowMs += 1;
    await (await expectWallet({ name, unlock: pin(PIN), now })).close();
    // The count begins anew.
    await failTimes(name, PIN_TRIES_FREE - 1, now);
    await (await expectWallet({ name, unlock: pin(PIN), now })).close();
  });

  it("are counted before they are judged: a kill during the judgement undoes no count", async () => {
    const name = freshName();
    await makeLocked(name);
    const now = () => 1_000_000;
    await failTimes(name, PIN_TRIES_FREE - 1, now);
    // The one write of an attempt goes through; what it may change afterwards does not.
    let changes = 0;
    const restore = interceptChanges(() => (++changes > 3 ? new DOMException("killed", "AbortError") : undefined));
    await expect(openLockableStore({ name, unlock: pin(PIN), now })).rejects.toThrow();
    restore();
    expect(await openLockableStore({ name, now })).toMatchObject({ lock: { waitMs: 30_000 } });
  });
});

describe("a kill while the protection changes", () => {
  type Change = (lock: LockService) => Promise<unknown>;
  const CHANGES: readonly [string, boolean, Change, readonly (Unlock | undefined)[]][] = [
    ["the first PIN", false, (lock) => lock.setPin(PIN), [undefined, pin(PIN)]],
    ["another PIN", true, (lock) => lock.setPin(OTHER_PIN), [pin(PIN), pin(OTHER_PIN)]],
    ["no PIN any more", true, (lock) => lock.removePin(), [pin(PIN), undefined]],
  ];

  it.each(CHANGES)("leaves one way in: %s", async (_name, isLocked, change, ways) => {
    let places = 0;
    // The first round is cut nowhere, and counts the places.
    for (let cut = -1; cut < places; cut++) {
      const name = freshName();
      if (isLocked) await makeLocked(name);
      else await (await makeWallet(name)).close();
      const store = await expectWallet(isLocked ? { name, unlock: pin(PIN) } : { name });
      const plan = new CutPlan(cut < 0 ? [] : [cut]);
      const restore = interceptChanges(() => (plan.isCutHere() ? new DOMException("cut", "AbortError") : undefined));
      plan.begin();
      await change(lockOf(store)).catch(() => undefined);
      plan.end();
      restore();
      places = Math.max(places, plan.passed);
      await store.close();
      const opened = [];
      for (const unlock of ways) {
        const result = await openLockableStore(unlock === undefined ? { name } : { name, unlock });
        if (!result.ok) continue;
        // An unlocked wallet opens whatever is tried, so that the second way may open it too.
        opened.push(unlock);
        expect(result.store.secrets()).toEqual(SEED);
        expect(result.store.record("note/a")).toEqual(SEED);
        await result.store.close();
      }
      expect(opened.length, `cut ${cut}`).toBeGreaterThan(0);
    }
    expect(places).toBeGreaterThan(1);
  });

  it("a change that found no room changes nothing, also in memory", async () => {
    const name = freshName();
    const store = await makeWallet(name);
    const restore = interceptChanges(() => new DOMException("no room", "QuotaExceededError"));
    expect(await lockOf(store).setPin(PIN)).toEqual({ ok: false, code: "storage_full" });
    restore();
    expect(store.slots).toEqual([]);
    await store.write({ puts: [{ key: "note/b", bytes: Uint8Array.of(1) }], deletes: [] });
    await store.close();
    const again = await expectWallet({ name });
    expect(again.record("note/b")).toEqual(Uint8Array.of(1));
    await again.close();
  });
});
