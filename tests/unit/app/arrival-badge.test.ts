import { describe, expect, it } from "vitest";
import type { HistoryRow } from "../../../src/api/views.ts";
import { ArrivalBadge } from "../../../src/app/state/arrival-badge.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { FakeClient, fakeRow } from "../../support/fake-client.ts";

const OLD = fakeRow({ id: "leaf:1", direction: "in" });
const FIRST = fakeRow({ id: "leaf:2", direction: "in" });
const SECOND = fakeRow({ id: "leaf:3", direction: "in" });

async function started(...history: readonly HistoryRow[]) {
  const fake = new FakeClient();
  fake.begin({ type: "history-changed", history });
  const session = new Session(() => ({ client: fake, close: () => undefined }));
  const page: EventTarget & { visibilityState: DocumentVisibilityState } = Object.assign(new EventTarget(), {
    visibilityState: "visible",
  } as const);
  const shown: number[] = [];
  const badge = new ArrivalBadge(session, (count) => {
    shown.push(count);
    return Promise.resolve();
  });
  await session.start();
  let stop = badge.follow(page);
  return {
    fake,
    session,
    badge,
    shown,
    see: (state: DocumentVisibilityState) => {
      page.visibilityState = state;
      page.dispatchEvent(new Event("visibilitychange"));
    },
    /** As the page does with every new list. */
    show: (...rows: readonly HistoryRow[]) => {
      fake.emit({ type: "history-changed", history: rows });
      stop();
      stop = badge.follow(page);
    },
  };
}

describe("the number on the app's icon", () => {
  it("counts what came in while nobody looked, and goes when somebody does", async () => {
    const { shown, see, show } = await started(OLD);
    see("hidden");
    show(FIRST, OLD);
    show(SECOND, FIRST, OLD);
    // The 0 at the start takes away what an earlier run has left.
    expect(shown).toEqual([0, 1, 2]);
    see("visible");
    expect(shown).toEqual([0, 1, 2, 0]);
    see("hidden");
    show(SECOND, FIRST, OLD);
    expect(shown).toEqual([0, 1, 2, 0]);
  });

  it("does not count what comes in before somebody's eyes, is paid to others or comes back from a stake", async () => {
    const { shown, see, show } = await started();
    show(OLD);
    see("hidden");
    show(fakeRow({ id: "out" }), fakeRow({ id: "back", direction: "in", act: "withdraw" }), OLD);
    expect(shown).toEqual([0]);
  });

  it("counts a payment once that is announced first and final under another id", async () => {
    const { shown, see, show } = await started(OLD);
    see("hidden");
    show(fakeRow({ id: "pool:7", direction: "in", state: "sent", memo: "tea" }), OLD);
    show(fakeRow({ id: "leaf:7", direction: "in", memo: "tea" }), OLD);
    expect(shown).toEqual([0, 1]);
  });

  it("takes the first list for known, whatever is in it", async () => {
    const { fake, session, badge, shown } = await started(FIRST, OLD);
    const other = new ArrivalBadge(session, (count) => Promise.resolve(void shown.push(count)));
    shown.length = 0;
    other.look(false);
    fake.emit({ type: "history-changed", history: [SECOND, FIRST, OLD] });
    other.look(false);
    expect(shown).toEqual([0, 1]);
    badge.forget();
  });

  it("stays while the wallet is locked: nothing was seen then", async () => {
    const { fake, session, shown, see, show } = await started(OLD);
    see("hidden");
    show(FIRST, OLD);
    fake.answers.open = {
      ok: false,
      code: "locked",
      lock: { hasPin: true, passkeys: [], waitMs: 0, refused: undefined },
    };
    await session.lockNow();
    see("visible");
    expect(shown).toEqual([0, 1]);
  });

  it("goes with an erased wallet, and is no trouble where there is none or it fails", async () => {
    const { session, badge, shown, see, show } = await started(OLD);
    see("hidden");
    show(FIRST, OLD);
    badge.forget();
    expect(shown).toEqual([0, 1, 0]);
    new ArrivalBadge(session, undefined).look(true);
    new ArrivalBadge(session, () => Promise.reject(new Error("not allowed"))).look(true);
  });
});
