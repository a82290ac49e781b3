import { describe, expect, it, vi } from "vitest";
import type { LockView } from "../../../src/api/lock.ts";
import { AutoLock } from "../../../src/app/state/auto-lock.svelte.ts";
import { PinForm } from "../../../src/app/state/pin-form.svelte.ts";
import { KitForm } from "../../../src/app/state/kit-form.svelte.ts";
import { PasskeyFlow } from "../../../src/app/state/passkey-flow.svelte.ts";
import { type LockAfter, Preferences } from "../../../src/app/state/preferences.svelte.ts";
import { SafetyState } from "../../../src/app/state/safety.svelte.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { UnlockForm } from "../../../src/app/state/unlock-form.svelte.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { FakeClient, fakeSafety } from "../../support/fake-client.ts";
import { fakePasskeys } from "../../support/fake-passkeys.ts";

const LOCK: LockView = { hasPin: true, passkeys: [], waitMs: 0, refused: undefined };
const MINUTE_MS = 60_000;

async function started(hasPin = true) {
  const fake = new FakeClient();
  fake.answers.safety = fakeSafety({ hasPin });
  fake.begin({ type: "balance-changed", balance: { total: amount(5n), usable: amount(5n) } });
  let connections = 0;
  const session = new Session(() => {
    connections++;
    return { client: fake, close: () => undefined };
  });
  await session.start();
  const safety = new SafetyState(session, undefined);
  await safety.look();
  return { fake, session, safety, connections: () => connections };
}

describe("a locked session", () => {
  it("shows nothing of the wallet until it is opened, on the same connection", async () => {
    const { fake, session, connections } = await started();
    expect(session.balance?.total).toBe(5n);
    fake.answers.open = { ok: false, code: "locked", lock: LOCK };
    await session.lockNow();
    expect([session.phase, session.balance, session.history, session.lock]).toEqual([
      "locked",
      undefined,
      undefined,
      LOCK,
    ]);
    expect(fake.calls.some(({ name }) => name === "lock")).toBe(true);
    const before = connections();
    fake.answers.open = { ok: false, code: "locked", lock: { ...LOCK, refused: "wrong_pin" } };
    await session.unlock({ type: "pin", pin: "1" });
    expect([session.phase, session.lock?.refused, session.isUnlocking]).toEqual(["locked", "wrong_pin", false]);
    fake.answers.open = { ok: true, wallet: { exists: true, wordsSeen: true } };
    await session.unlock({ type: "pin", pin: "2" });
    expect([session.phase, session.balance?.total, session.lock]).toEqual(["ready", 5n, undefined]);
    expect(connections()).toBe(before);
  });

  it("locks also where the client has died", async () => {
    const { fake, session } = await started();
    fake.broken.add("lock");
    fake.answers.open = { ok: false, code: "locked", lock: LOCK };
    await session.lockNow();
    expect(session.phase).toBe("locked");
  });

  it("a stop leaves no balance behind: the tab that goes on may lock", async () => {
    const { fake, session } = await started();
    fake.emit({ type: "engine-stopped", code: "moved_to_other_tab" });
    expect([session.phase, session.balance]).toEqual(["stopped", undefined]);
  });
});

describe("locking by itself", () => {
  async function idle(lockAfter: LockAfter, hasPin = true) {
    const { session, safety, fake } = await started(hasPin);
    fake.answers.open = { ok: false, code: "locked", lock: LOCK };
    const preferences = new Preferences(undefined);
    preferences.setLockAfter(lockAfter);
    const clock = { ms: 1_000_000 };
    const lock = new AutoLock(session, safety, preferences, () => clock.ms);
    return { session, lock, clock };
  }

  it("comes after the chosen time without a touch, and not before", async () => {
    const { session, lock, clock } = await idle(1);
    clock.ms += MINUTE_MS - 1;
    lock.look(true);
    expect(session.phase).toBe("ready");
    lock.touch();
    clock.ms += MINUTE_MS - 1;
    lock.look(false);
    expect(session.phase).toBe("ready");
    clock.ms += 1;
    lock.look(false);
    expect(session.phase).not.toBe("ready");
  });

  it("comes before the touch that wakes a device", async () => {
    const { session, lock, clock } = await idle(15);
    clock.ms += 16 * MINUTE_MS;
    lock.touch();
    expect(session.phase).not.toBe("ready");
  });

  it("comes at once out of sight where that was chosen, and there alone", async () => {
    const other = await idle(5);
    other.lock.look(true);
    expect(other.session.phase).toBe("ready");
    const { session, lock } = await idle(0);
    lock.look(false);
    expect(session.phase).toBe("ready");
    lock.look(true);
    expect(session.phase).not.toBe("ready");
  });

  it("never comes to a wallet without a lock", async () => {
    const { session, lock, clock } = await idle(0, false);
    clock.ms += 100 * MINUTE_MS;
    lock.look(true);
    expect(session.phase).toBe("ready");
  });

  it("a clock that is set back is no reason to stay open for longer", async () => {
    const { session, lock, clock } = await idle(1);
    clock.ms -= 30 * MINUTE_MS;
    lock.look(false);
    clock.ms += MINUTE_MS;
    lock.look(false);
    expect(session.phase).not.toBe("ready");
  });
});

describe("the form of a PIN", () => {
  it.each([
    ["12345", "12345", "pin_short"],
    ["123456", "123456", "pin_simple"],
    ["27182x", "27182x", "pin_not_digits"],
    ["271828", "271829", "differs"],
  ])("%s and %s: %s", async (pin, again, problem) => {
    const { session, fake } = await started(false);
    const form = new PinForm(session);
    Object.assign(form, { pin, again });
    expect(await form.submit()).toBe(false);
    expect(form.problem).toBe(problem);
    expect(fake.calls.some(({ name }) => name === "setPin")).toBe(false);
  });

  it("sets it, holds it no longer, and says what storage refused", async () => {
    const { session, fake } = await started(false);
    const form = new PinForm(session);
    Object.assign(form, { pin: "２７１８２８", again: "271828" });
    fake.answers.setPin = { ok: false, code: "storage_full" };
    expect([await form.submit(), form.problem]).toEqual([false, "storage_full"]);
    fake.answers.setPin = { ok: true };
    expect([await form.submit(), form.problem, form.pin, form.again]).toEqual([true, undefined, "", ""]);
    expect(fake.calls.at(-1)).toEqual({ name: "setPin", argument: "271828" });
  });

  it("to unlock waits as long as the client says", async () => {
    const { session, fake } = await started();
    let nowMs = 0;
    const form = new UnlockForm(session, { ...LOCK, waitMs: 30_000 }, () => nowMs);
    form.pin = "271828";
    const calls = fake.calls.length;
    await form.submit();
    expect([form.secondsLeft, fake.calls.length]).toEqual([30, calls]);
    nowMs = 30_000;
    const later = new UnlockForm(session, { ...LOCK, waitMs: 0 }, () => nowMs);
    later.pin = " 271 828";
    await later.submit();
    expect(fake.calls.slice(calls).map(({ argument }) => argument)).toContainEqual({
      unlock: { type: "pin", pin: "271828" },
    });
    expect(later.pin).toBe("");
  });
});

describe("the wait before the next PIN", () => {
  it("is told once when it is over, and not at all where there was none or the person left", async () => {
    vi.useFakeTimers();
    try {
      const { session } = await started();
      const over = vi.fn();
      new UnlockForm(session, LOCK, () => Date.now()).watch(over);
      const waiting = { ...LOCK, waitMs: 30_000 };
      const stop = new UnlockForm(session, waiting, () => Date.now()).watch(over);
      const form = new UnlockForm(session, waiting, () => Date.now());
      form.watch(over);
      vi.advanceTimersByTime(29_000);
      stop();
      expect([form.secondsLeft, over.mock.calls.length]).toEqual([1, 0]);
      vi.advanceTimersByTime(60_000);
      expect([form.secondsLeft, over.mock.calls.length]).toEqual([0, 1]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("passkeys", () => {
  it("that hold the seed are told from those that only unlock", async () => {
    for (const [name, holdsSeed] of [
      ["holding", true],
      ["plain", false],
    ] as const) {
      const { session, fake } = await started(false);
      const flow = new PasskeyFlow(session, fakePasskeys(name));
      expect(await flow.add("name", [])).toBe(true);
      expect(fake.answers.safety.passkeys.map((passkey) => passkey.holdsSeed)).toEqual([holdsSeed]);
    }
  });

  it.each(["unsupported", "cancelled", "no_prf", "exists", "failed"] as const)("%s changes nothing", async (code) => {
    const { session, fake } = await started(false);
    const flow = new PasskeyFlow(session, fakePasskeys(code));
    expect([await flow.add("name", []), flow.problem]).toEqual([false, code]);
    expect(fake.calls.some(({ name }) => name === "addPasskey")).toBe(false);
    expect([await flow.unlock([]), await flow.restore(() => Promise.resolve(true))]).toEqual([false, false]);
  });

  it("that hold nothing bring nothing back", async () => {
    const { session } = await started(false);
    const flow = new PasskeyFlow(session, fakePasskeys("plain"));
    expect([await flow.restore(() => Promise.resolve(true)), flow.problem]).toEqual([false, "holds_nothing"]);
  });
});

describe("a backup file", () => {
  const chosen = { size: 3, arrayBuffer: () => Promise.resolve(new ArrayBuffer(3)) };

  it("counts only when the saved one was read, and its code is then nowhere on the page", async () => {
    const { session, fake } = await started(false);
    const form = new KitForm(session);
    await form.make(
      () => Promise.resolve(new Uint8Array(9)),
      (size) => new Uint8Array(size),
    );
    expect([form.step, form.code]).toEqual(["made", "0000-0000-0000-0000"]);
    form.toCheck();
    expect([form.step, form.code]).toEqual(["made", "0000-0000-0000-0000"]);
    let given: Uint8Array | undefined;
    form.save((file) => (given = file));
    form.toCheck();
    expect([form.step, form.code, given]).toEqual(["check", "", form.file]);
    await form.check(undefined);
    expect(form.problem).toBe("no_file");
    await form.check({ ...chosen, size: 5 * 1024 * 1024 });
    expect(form.problem).toBe("too_large");
    fake.answers.checkKit = { ok: false, code: "other_wallet" };
    await form.check(chosen);
    expect([form.problem, form.step]).toEqual(["other_wallet", "check"]);
    fake.answers.checkKit = { ok: true };
    form.typed = "0000";
    await form.check(chosen);
    expect([form.problem, form.step, form.typed, form.file]).toEqual([undefined, "done", "", undefined]);
  });

  it("whose code was copied wrong is made anew, and nothing of the one before is left", async () => {
    const { session, fake } = await started(false);
    const form = new KitForm(session);
    const make = (byte: number): Promise<void> =>
      form.make(
        () => Promise.resolve(new Uint8Array(9)),
        (size) => new Uint8Array(size).fill(byte),
      );
    await make(0);
    form.save(() => undefined);
    form.toCheck();
    fake.answers.checkKit = { ok: false, code: "wrong_key" };
    form.typed = "1111";
    await form.check(chosen);
    form.beginAnew();
    expect([form.step, form.problem, form.typed, form.file, form.isAnew]).toEqual([
      "start",
      undefined,
      "",
      undefined,
      true,
    ]);
    await make(255);
    expect(form.code).not.toBe("0000-0000-0000-0000");
    form.toCheck();
    expect(form.step).toBe("made");
  });

  it("that cannot be drawn is said", async () => {
    const { session } = await started(false);
    const form = new KitForm(session);
    await form.make(
      () => Promise.reject(new Error("no canvas")),
      (size) => new Uint8Array(size),
    );
    expect([form.problem, form.step]).toEqual(["failed", "start"]);
  });
});
