import { describe, expect, it } from "vitest";
import type { BalanceView, SafetyView } from "../../../src/api/views.ts";
import { removalOf, safetyLevel, wantedLevel } from "../../../src/app/state/safety-level.ts";
import { SafetyState } from "../../../src/app/state/safety.svelte.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { WordsCheck } from "../../../src/app/state/words-check.svelte.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import { FakeClient, fakeSafety, LIVE } from "../../support/fake-client.ts";

const THRESHOLDS = [amount(20n), amount(500n), amount(5_000n)] as const;
const CHECKED = timeMs(1);
const balance = (total: bigint): BalanceView => ({ total: amount(total), usable: amount(total) });

async function started(view: Partial<SafetyView>, total?: bigint) {
  const fake = new FakeClient();
  fake.answers.safety = fakeSafety({ wordsCheckedMs: undefined, thresholds: THRESHOLDS, ...view });
  fake.begin({ type: "sync-changed", sync: LIVE });
  const session = new Session(() => ({ client: fake, close: () => undefined }));
  await session.start();
  if (total !== undefined) fake.emit({ type: "balance-changed", balance: balance(total) });
  const safety = new SafetyState(session, undefined);
  await safety.look();
  return { fake, session, safety };
}

describe("how much safety a balance is worth", () => {
  it.each([
    [undefined, 0],
    [0n, 0],
    [19n, 0],
    [20n, 1],
    [499n, 1],
    [500n, 2],
    [4_999n, 2],
    [5_000n, 3],
  ])("%s is worth level %i", (total, level) => {
    expect(wantedLevel(total === undefined ? undefined : amount(total), THRESHOLDS)).toBe(level);
  });

  it("nothing is asked before the network is known", () => {
    expect(wantedLevel(amount(5_000n), undefined)).toBe(0);
  });
});

describe("what is asked", () => {
  it("never for a coffee's worth, and until a way back stood its check", async () => {
    expect((await started({}, 19n)).safety.isAsked).toBe(false);
    const { safety, fake } = await started({}, 20n);
    expect(safety.isAsked).toBe(true);
    fake.answers.safety = fakeSafety({ wordsCheckedMs: CHECKED, thresholds: THRESHOLDS });
    await safety.look();
    expect([safety.isAsked, safety.level]).toEqual([false, 3]);
  });

  it("not while nobody knows what protects the wallet, nor in the middle of a restore", async () => {
    const { safety, fake, session } = await started({}, 5_000n);
    expect(safety.isAsked).toBe(true);
    session.restore = {
      rangesDone: 0,
      rangesTotal: 1,
      outputsChecked: 0,
      coinsFound: 0,
      isWaiting: false,
      problem: undefined,
    };
    expect(safety.isAsked).toBe(false);
    fake.broken.add("safety");
    const other = new SafetyState(session, undefined);
    await other.look();
    expect([other.isUnknown, other.isAsked, other.level]).toEqual([true, false, undefined]);
  });

  it("words are the best level", () => {
    expect(safetyLevel(fakeSafety({ wordsCheckedMs: CHECKED }))).toBe(3);
    expect(safetyLevel(fakeSafety({ wordsCheckedMs: undefined }))).toBe(0);
  });
});

describe("what goes with a passkey", () => {
  const passkey = (first: number, holdsSeed: boolean) => ({
    credentialId: new Uint8Array([first]),
    addedMs: 1,
    holdsSeed,
  });
  const [holding, other, plain] = [passkey(1, true), passkey(2, true), passkey(3, false)] as const;
  it.each([
    ["the only one", { passkeys: [holding] }, [true, true]],
    ["one beside a PIN", { passkeys: [holding], hasPin: true }, [true, false]],
    ["one of two that hold the wallet", { passkeys: [holding, other] }, [false, false]],
    ["one beside another that only unlocks", { passkeys: [holding, plain] }, [true, false]],
    ["one beside a checked file", { passkeys: [holding], kitCheckedMs: CHECKED }, [false, true]],
    ["one beside checked words", { passkeys: [holding], wordsCheckedMs: CHECKED }, [false, true]],
  ])("%s", (_name, view, [isLastWayBack, isLastLock]) => {
    const whole = fakeSafety({ wordsCheckedMs: undefined, ...view });
    expect(removalOf(whole, holding.credentialId)).toEqual({ holdsSeed: true, isLastWayBack, isLastLock });
  });

  it("one that only unlocks is no way back", () => {
    const view = fakeSafety({ wordsCheckedMs: undefined, passkeys: [plain] });
    expect(removalOf(view, plain.credentialId)).toEqual({ holdsSeed: false, isLastWayBack: false, isLastLock: true });
  });
});

describe("the browser's promise", () => {
  it("is asked for again by a tap, and a refusal is said", async () => {
    const { session } = await started({});
    let promise = false;
    const storage = { persist: () => Promise.resolve(promise), persisted: () => Promise.resolve(promise) };
    const safety = new SafetyState(session, storage);
    await safety.askToKeep();
    expect(safety.isRefused).toBe(false);
    await safety.askAgain();
    expect([safety.isPersisted, safety.isRefused]).toEqual([false, true]);
    promise = true;
    await safety.askAgain();
    expect([safety.isPersisted, safety.isRefused]).toEqual([true, false]);
  });
});

describe("the check of words", () => {
  it("asks for four different ones in order, whatever chance says", async () => {
    const { session } = await started({});
    for (const random of [() => 0, (limit: number) => limit - 1, (limit: number) => limit >> 1]) {
      const { indices } = new WordsCheck(session, random);
      expect(new Set(indices).size).toBe(4);
      expect([...indices].sort((one, other) => one - other)).toEqual(indices);
      expect(indices.every((index) => index >= 0 && index < 24)).toBe(true);
    }
  });

  it("goes from wrong to right, and holds no word after that", async () => {
    const { session, fake } = await started({});
    const check = new WordsCheck(session, () => 0);
    fake.answers.checkWords = false;
    check.entries = ["a", "b", "c", "d"];
    await check.submit();
    expect(check.state).toBe("wrong");
    fake.broken.add("checkWords");
    await check.submit();
    expect(check.state).toBe("failed");
    fake.broken.clear();
    fake.answers.checkWords = true;
    await check.submit();
    expect(check.state).toBe("done");
    expect(check.entries.join("")).toBe("");
    expect(fake.calls.at(-1)?.argument).toEqual([0, 1, 2, 3].map((index) => ({ index, word: "abcd"[index] })));
  });
});
