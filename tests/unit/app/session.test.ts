import { describe, expect, it } from "vitest";
import type { LockedResult, OpenCode, OpenResult } from "../../../src/api/client-api.ts";
import type { StopCode } from "../../../src/api/events.ts";
import type { ShownView } from "../../../src/api/views.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { findSuccessors } from "../../../src/app/state/successors.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { FakeClient, fakeRow, LIVE } from "../../support/fake-client.ts";

const OPEN_CODES: readonly OpenCode[] = [
  "storage_denied",
  "storage_full",
  "storage_newer",
  "storage_broken",
  "open_elsewhere",
  "no_crypto",
];

const STOP_CODES: readonly StopCode[] = [
  "moved_to_other_tab",
  "storage_full",
  "storage_newer",
  "storage_lost",
  "storage_failed",
];

function started(fake = new FakeClient()) {
  const closed: number[] = [];
  let failures: (() => void)[] = [];
  const session = new Session((onFailed) => {
    failures.push(onFailed);
    const index = failures.length - 1;
    return { client: fake, close: () => closed.push(index) };
  });
  return { fake, session, closed, fail: (index: number) => failures[index]?.(), forget: () => (failures = []) };
}

const LAST: ShownView = {
  wallet: { exists: true, wordsSeen: true },
  balance: { total: amount(7n), usable: amount(7n) },
};

describe("a session", () => {
  it("knows no balance until the client says one, and then shows exactly that", async () => {
    const { fake, session } = started();
    await session.start();
    expect(session.phase).toBe("ready");
    expect(session.balance).toBeUndefined();
    expect(session.history).toBeUndefined();
    fake.emit({ type: "balance-changed", balance: { total: amount(5n), usable: amount(3n) } });
    expect(session.balance).toEqual({ total: 5n, usable: 3n });
    fake.emit({ type: "balance-changed", balance: undefined });
    expect(session.balance).toBeUndefined();
  });

  it("shows what was last shown while it is being opened, and from then on what the client says", async () => {
    const { fake, session } = started();
    session.showLast(LAST);
    // Nobody has been asked to open anything yet.
    expect([session.isFamiliar, session.wallet]).toEqual([false, undefined]);
    const starting = session.start();
    session.showLast(LAST);
    expect([session.isFamiliar, session.wallet?.exists, session.balance?.total]).toEqual([true, true, 7n]);
    await starting;
    fake.emit({ type: "balance-changed", balance: { total: amount(5n), usable: amount(3n) } });
    session.showLast(LAST);
    expect(session.balance?.total).toBe(5n);
  });

  it("shows no more of it once the wallet is locked, stopped or started over", async () => {
    const ended = async (answer: OpenResult | LockedResult, end?: (session: Session) => void) => {
      const { fake, session } = started();
      fake.answers.open = answer;
      const starting = session.start();
      session.showLast(LAST);
      end?.(session);
      await starting;
      return [session.isFamiliar, session.balance?.total];
    };
    const NOTHING = [false, undefined];
    const lock = { hasPin: true, passkeys: [], waitMs: 0, refused: undefined };
    expect(await ended({ ok: false, code: "locked", lock })).toEqual(NOTHING);
    expect(await ended({ ok: false, code: "storage_broken" })).toEqual(NOTHING);
    const opened: OpenResult = { ok: true, wallet: LAST.wallet };
    expect(await ended(opened, (session) => void session.start())).toEqual(NOTHING);
  });

  it("keeps the newest view of each kind", async () => {
    const { fake, session } = started();
    fake.begin({ type: "sync-changed", sync: LIVE });
    await session.start();
    expect(session.network).toBe("dev");
    fake.emit({ type: "history-changed", history: [fakeRow({ id: "a" })] });
    fake.emit({ type: "history-changed", history: [fakeRow({ id: "b", state: "sent" })] });
    expect(session.payment("a")).toBeUndefined();
    expect(session.payment("b")?.state).toBe("sent");
  });

  it.each(OPEN_CODES)("stops with %s and starts over with a new client", async (code) => {
    const { fake, session, closed } = started();
    const opened = fake.answers.open;
    fake.answers.open = { ok: false, code };
    await session.start();
    expect([session.phase, session.problem]).toEqual(["stopped", code]);
    expect(closed).toEqual([0]);
    fake.answers.open = opened;
    await session.start();
    expect([session.phase, session.problem]).toEqual(["ready", undefined]);
  });

  it.each(STOP_CODES)("stops when the engine stops: %s", async (code) => {
    const { fake, session, closed } = started();
    await session.start();
    fake.emit({ type: "engine-stopped", code });
    expect([session.phase, session.problem]).toEqual(["stopped", code]);
    expect(closed).toEqual([0]);
  });

  it("misses the wallet that this browser held, and nobody else's", async () => {
    const memory = { hadWallet: false, rememberWallet: (isHere: boolean) => void (memory.hadWallet = isHere) };
    const fake = new FakeClient({ exists: false, wordsSeen: false });
    const session = new Session(() => ({ client: fake, close: () => undefined }), memory);
    await session.start();
    expect([session.phase, memory.hadWallet]).toEqual(["ready", false]);
    await session.create();
    expect(memory.hadWallet).toBe(true);
    await session.start();
    expect([session.phase, session.problem, session.wallet?.exists]).toEqual(["stopped", "storage_lost", true]);
    session.acceptLoss();
    await session.start();
    expect([session.phase, session.wallet?.exists]).toEqual(["ready", false]);
    await session.create();
    await session.erase(() => Promise.resolve());
    await session.start();
    expect(session.phase).toBe("ready");
  });

  it("stays stopped when the stop is the first thing it hears", async () => {
    const { fake, session } = started();
    fake.begin({ type: "engine-stopped", code: "moved_to_other_tab" });
    await session.start();
    expect(session.phase).toBe("stopped");
  });

  it("stops when the worker cannot be loaded, or dies in a call", async () => {
    const { fake, session, fail } = started();
    await session.start();
    fail(0);
    expect(session.problem).toBe("start_failed");
    fake.broken.add("open");
    await session.start();
    expect(session.problem).toBe("start_failed");
  });

  it("does not listen to a client it has left", async () => {
    const first = new FakeClient();
    const second = new FakeClient();
    const clients = [first, second];
    const failures: (() => void)[] = [];
    const session = new Session((onFailed) => {
      failures.push(onFailed);
      return { client: clients.shift()!, close: () => undefined };
    });
    await session.start();
    await session.start();
    first.emit({ type: "engine-stopped", code: "storage_failed" });
    first.emit({ type: "balance-changed", balance: { total: amount(1n), usable: amount(1n) } });
    failures[0]?.();
    expect(session.phase).toBe("ready");
    expect(session.balance).toBeUndefined();
  });

  it("makes a wallet, or stops with the reason it could not be stored", async () => {
    const { fake, session } = started(new FakeClient({ exists: false, wordsSeen: false }));
    await session.start();
    expect(session.wallet?.exists).toBe(false);
    await session.create();
    expect(session.wallet?.exists).toBe(true);
    fake.answers.create = { ok: false, code: "storage_full" };
    await session.create();
    expect(session.problem).toBe("storage_full");
  });

  it("keeps the reason of a stop that ends the making of a wallet", async () => {
    const { fake, session } = started(new FakeClient({ exists: false, wordsSeen: false }));
    await session.start();
    fake.silent.add("create");
    const creating = session.create();
    fake.emit({ type: "engine-stopped", code: "moved_to_other_tab" });
    await creating;
    expect([session.isCreating, session.problem]).toEqual([false, "moved_to_other_tab"]);
  });

  it("shows nothing of an erased wallet", async () => {
    const { fake, session } = started();
    fake.begin({ type: "balance-changed", balance: { total: amount(5n), usable: amount(5n) } });
    await session.start();
    await session.erase(() => Promise.resolve());
    expect([session.wallet?.exists, session.balance, session.history]).toEqual([false, undefined, undefined]);
  });
});

describe("an announced payment", () => {
  const announced = fakeRow({ id: "pool:1", direction: "in", state: "sent", memo: "tea" });
  const final = fakeRow({ id: "leaf:9", direction: "in", memo: "tea" });

  it("stays the same on screens when it becomes final under another id", async () => {
    const { fake, session } = started();
    await session.start();
    fake.emit({ type: "history-changed", history: [announced] });
    fake.emit({ type: "history-changed", history: [final] });
    expect([session.keyOf(final), session.payment("pool:1"), session.payment("leaf:9")]).toEqual([
      "pool:1",
      final,
      final,
    ]);
    // And goes on being it, whatever else comes.
    fake.emit({ type: "history-changed", history: [fakeRow({ id: "x" }), final] });
    expect(session.keyOf(final)).toBe("pool:1");
  });

  it("becomes nothing that differs, that was there before, that is announced itself, or that comes of a stake", () => {
    const other = fakeRow({ ...final, id: "leaf:10", memo: "coffee" });
    const out = fakeRow({ ...final, id: "aa", direction: "out" });
    expect(findSuccessors([announced], [other, out]).size).toBe(0);
    expect(findSuccessors([announced, final], [final]).size).toBe(0);
    expect(findSuccessors([announced], [{ ...final, act: "withdraw" }]).size).toBe(0);
    expect(findSuccessors([announced], [announced, final]).size).toBe(0);
    expect(findSuccessors([announced], [{ ...announced, id: "pool:2" }]).size).toBe(0);
    expect(findSuccessors(undefined, [final]).size).toBe(0);
  });

  it("is told apart from its equal", () => {
    const twins = [announced, { ...announced, id: "pool:2" }];
    const finals = [final, { ...final, id: "leaf:10" }];
    expect([...findSuccessors(twins, finals)]).toEqual([
      ["pool:1", "leaf:9"],
      ["pool:2", "leaf:10"],
    ]);
  });
});
