import { describe, expect, it } from "vitest";
import { Formats } from "../../../src/app/i18n/formats.ts";
import { groupByDay } from "../../../src/app/state/days.ts";
import { FaucetState } from "../../../src/app/state/faucet.svelte.ts";
import { Preferences } from "../../../src/app/state/preferences.svelte.ts";
import { ReceiveState } from "../../../src/app/state/receive.svelte.ts";
import { SafetyState } from "../../../src/app/state/safety.svelte.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import {
  type Draft,
  type UpdateFinding,
  type UpdateSource,
  UpdateState,
} from "../../../src/app/state/update.svelte.ts";
import { FakeClient, fakeAddress, fakeRow, LIVE } from "../../support/fake-client.ts";

async function started() {
  const fake = new FakeClient();
  fake.begin(
    { type: "sync-changed", sync: LIVE },
    { type: "history-changed", history: [fakeRow({ id: "old", direction: "in" })] },
  );
  const session = new Session(() => ({ client: fake, close: () => undefined }));
  await session.start();
  return { fake, session };
}

describe("receiving", () => {
  it("shows the address of before, and a new one on a tap", async () => {
    const { session } = await started();
    const receive = new ReceiveState(session);
    await receive.open();
    expect([receive.address, receive.isFresh]).toEqual([fakeAddress(1), false]);
    await receive.renew();
    expect([receive.address, receive.isFresh]).toEqual([fakeAddress(2), true]);
  });

  it("notices what comes in while it is open, and only that", async () => {
    const { fake, session } = await started();
    const receive = new ReceiveState(session);
    await receive.open();
    expect(receive.arrival).toBeUndefined();
    const old = fakeRow({ id: "old", direction: "in" });
    fake.emit({ type: "history-changed", history: [fakeRow({ id: "out" }), old] });
    expect(receive.arrival).toBeUndefined();
    const withdrawn = fakeRow({ id: "withdrawn", direction: "in", act: "withdraw" });
    fake.emit({ type: "history-changed", history: [withdrawn, old] });
    expect(receive.arrival).toBeUndefined();
    fake.emit({ type: "history-changed", history: [withdrawn, fakeRow({ id: "new", direction: "in" }), old] });
    expect(receive.arrival?.id).toBe("new");
  });

  it("says so when the address cannot be made", async () => {
    const { fake, session } = await started();
    fake.broken.add("address");
    const receive = new ReceiveState(session);
    await receive.open();
    expect([receive.isFailed, receive.address]).toEqual([true, undefined]);
  });
});

describe("the faucet", () => {
  it("is there on the dev network alone", async () => {
    const { fake, session } = await started();
    const faucet = new FaucetState(session);
    expect(faucet.isOffered).toBe(true);
    fake.emit({ type: "sync-changed", sync: { ...LIVE, network: "test" } });
    expect(faucet.isOffered).toBe(false);
  });

  it.each(["not_a_dev_network", "too_soon", "unreachable", "refused"] as const)("keeps the reason %s", async (code) => {
    const { fake, session } = await started();
    const faucet = new FaucetState(session);
    fake.answers.faucet = { ok: false, code };
    await faucet.request();
    expect(faucet.state).toBe(code);
    fake.answers.faucet = { ok: true };
    await faucet.request();
    expect(faucet.state).toBe("asked");
  });
});

describe("safety", () => {
  it("holds the words only while they are looked at", async () => {
    const { session } = await started();
    const safety = new SafetyState(session, undefined);
    await safety.showWords();
    expect(safety.words?.length).toBe(24);
    expect(session.wallet?.wordsSeen).toBe(true);
    safety.hideWords();
    expect(safety.words).toBeUndefined();
  });

  it("shows no words that arrive after they were put away", async () => {
    const { fake, session } = await started();
    const safety = new SafetyState(session, undefined);
    const showing = safety.showWords();
    safety.hideWords();
    await showing;
    expect(safety.words).toBeUndefined();
    fake.broken.add("recoveryWords");
    const failing = safety.showWords();
    safety.hideWords();
    await failing;
    expect(safety.isWordsFailed).toBe(false);
  });

  it("forgets the wallet only when the client has erased it", async () => {
    const { fake, session } = await started();
    const safety = new SafetyState(session, undefined);
    fake.broken.add("erase");
    let clears = 0;
    const clearRest = (): Promise<void> => {
      clears += 1;
      return Promise.resolve();
    };
    expect(await safety.erase(clearRest)).toBe(false);
    expect([safety.isEraseFailed, session.wallet?.exists, clears]).toEqual([true, true, 0]);
    fake.broken.clear();
    expect(await safety.erase(clearRest)).toBe(true);
    expect([session.wallet?.exists, clears]).toEqual([false, 1]);
  });

  it("turns to the start only once the rest is cleared: what a person does there is not undone", async () => {
    const { fake, session } = await started();
    const safety = new SafetyState(session, undefined);
    let isCleared: () => void = () => expect.unreachable();
    const clearing = new Promise<void>((resolve) => (isCleared = resolve));
    const erasing = safety.erase(() => clearing);
    fake.emit({ type: "wallet-changed", wallet: { exists: false, wordsSeen: false } });
    await new Promise((resolve) => setTimeout(resolve));
    expect([safety.isErasing, session.wallet?.exists]).toEqual([true, true]);
    isCleared();
    expect(await erasing).toBe(true);
    expect([safety.isErasing, session.wallet?.exists]).toEqual([false, false]);
  });

  it("repeats what the browser says about keeping, and nothing when it says nothing", async () => {
    const { session } = await started();
    const promise = { persist: () => Promise.resolve(true), persisted: () => Promise.reject(new Error("no")) };
    const safety = new SafetyState(session, promise);
    await safety.askToKeep();
    expect(safety.isPersisted).toBe(true);
    await safety.readKept();
    expect(safety.isPersisted).toBeUndefined();
  });
});

describe("preferences", () => {
  it("outlive the page where there is a store", () => {
    const stored = new Map<string, string>();
    const store = {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    };
    new Preferences(store).toggleBalance();
    new Preferences(store).writeLanguage("zh");
    new Preferences(store).setComfort("theme", "dark");
    new Preferences(store).setComfort("textSize", "larger");
    expect(new Preferences(store).hasSound).toBe(false);
    new Preferences(store).setSound(true);
    const again = new Preferences(store);
    expect([again.isBalanceHidden, again.readLanguage(), again.comforts]).toEqual([
      true,
      "zh",
      { theme: "dark", textSize: "larger", motion: "system" },
    ]);
    expect(again.hasSound).toBe(true);
    stored.set("motion", "none of these");
    expect(new Preferences(store).comforts.motion).toBe("system");
  });

  it("work without one, or with one that refuses", () => {
    const refuse = (): never => {
      throw new Error("denied");
    };
    for (const store of [undefined, { getItem: refuse, setItem: refuse }]) {
      const preferences = new Preferences(store);
      preferences.toggleBalance();
      preferences.writeLanguage("zh");
      expect([preferences.isBalanceHidden, preferences.readLanguage()]).toEqual([true, null]);
    }
  });
});

describe("an update", () => {
  function watched(finding: UpdateFinding = "newest") {
    const applied: Draft[] = [];
    const reloaded: Draft[] = [];
    let offer = (): void => undefined;
    const source: UpdateSource = {
      watch: (onReady) => void (offer = onReady),
      check: () => Promise.resolve(finding),
      apply: (draft) => Promise.resolve().then(() => void applied.push(draft)),
      reload: (draft) => Promise.resolve().then(() => void reloaded.push(draft)),
      takeDraft: () => Promise.resolve(undefined),
    };
    return { update: new UpdateState(source, () => ({ note: "half" })), applied, reloaded, offer: () => offer() };
  }

  it("that waits is not taken by a page that loads again, and what is half written comes along", async () => {
    const { update, applied, reloaded, offer } = watched();
    offer();
    await update.reload();
    expect([applied, reloaded, update.isApplying]).toEqual([[], [{ note: "half" }], false]);
  });

  it("is offered, and applied only on a tap, with what is half written", async () => {
    const { update, applied, offer } = watched();
    expect(update.isReady).toBe(false);
    offer();
    expect([update.isReady, applied]).toEqual([true, []]);
    await update.apply();
    expect([applied, update.isApplying]).toEqual([[{ note: "half" }], false]);
  });

  it.each([
    ["newest", false],
    ["failed", false],
    ["ready", true],
  ] as const)("looked for and found %s is said", async (finding, isReady) => {
    const { update } = watched(finding);
    await update.check();
    expect([update.finding, update.isReady, update.isChecking]).toEqual([finding, isReady, false]);
  });
});

it("payments stand under their days", () => {
  const formats = new Formats("en");
  const noon = new Date(2026, 4, 4, 12).getTime();
  const rows = [0, 1, 26, 60].map((hours) => fakeRow({ id: String(hours), timeMs: noon - hours * 3_600_000 }));
  const days = groupByDay(rows, formats, noon);
  expect(days.map(({ day, rows }) => [day.type, rows.map(({ id }) => id)])).toEqual([
    ["today", ["0", "1"]],
    ["yesterday", ["26"]],
    ["named", ["60"]],
  ]);
});
