import { beforeEach, describe, expect, it } from "vitest";
import { MEMO_BYTES_MAX } from "../../../src/api/limits.ts";
import { NEWEST_PAYMENT } from "../../../src/app/state/router.svelte.ts";
import { type ConfirmCode, type ProposeCode, SendState } from "../../../src/app/state/send.svelte.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { timeMs } from "../../../src/core/values/height.ts";
import { fakeAsked } from "../../support/fake-requests.ts";
import { FakeClient, fakeAddress, fakeRow, LIVE } from "../../support/fake-client.ts";

let nowMs: number;
const NOW_MS = 1_000_000;
let fake: FakeClient;
let send: SendState;

beforeEach(async () => {
  fake = new FakeClient();
  fake.begin(
    { type: "sync-changed", sync: LIVE },
    { type: "balance-changed", balance: { total: amount(10_000_000n), usable: amount(4_000_000n) } },
  );
  const session = new Session(() => ({ client: fake, close: () => undefined }));
  await session.start();
  nowMs = NOW_MS;
  send = new SendState(session, () => nowMs);
});

function fill(change: { to?: string; amount?: string; note?: string } = {}): void {
  send.to = change.to ?? fakeAddress(1);
  send.amount = change.amount ?? "1.5";
  send.note = change.note ?? "";
}

describe("the draft of a payment", () => {
  it("starts without blame and blames what is missing only on review", async () => {
    expect([send.toProblem, send.amountProblem]).toEqual([undefined, undefined]);
    expect(await send.review()).toBe(false);
    expect([send.toProblem, send.amountProblem]).toEqual(["empty", "empty"]);
    expect(fake.calls.map(({ name }) => name)).not.toContain("propose");
  });

  it("takes an address with the line breaks of a mail in it", async () => {
    const address = fakeAddress(1);
    fill({ to: ` ${address.slice(0, 60)}\n${address.slice(60)} `, note: " for lunch " });
    expect(await send.review()).toBe(true);
    const asked = { to: address, amount: 1_500_000n, memo: "for lunch" };
    expect(fake.calls.at(-1)).toEqual({ name: "propose", argument: asked });
    expect(send.proposal?.amount).toBe(1_500_000n);
  });

  it("says at once that nobody can hold an address", async () => {
    fake.answers.checkAddress = { ok: false, code: "bad_points" };
    fill();
    await send.checkPoints();
    expect(send.toProblem).toBe("bad_points");
    send.to = fakeAddress(2);
    expect(send.toProblem).toBeUndefined();
  });

  it("counts the bytes of a note, not its letters", () => {
    send.note = "谢".repeat(MEMO_BYTES_MAX / 3);
    expect([send.noteBytesLeft, send.isNoteTooLong]).toEqual([0, false]);
    send.note += "!";
    expect(send.isNoteTooLong).toBe(true);
  });

  const REFUSALS: readonly ProposeCode[] = [
    "insufficient_funds",
    "funds_busy",
    "not_ready",
    "address_invalid",
    "amount_zero",
    "memo_too_long",
  ];
  it.each(REFUSALS)("shows the refusal %s until the draft changes", async (code) => {
    fake.answers.propose = { ok: false, code, missing: amount(7n) };
    fill();
    expect(await send.review()).toBe(false);
    expect(send.refusal).toMatchObject({ code, missing: 7n });
    const shown = [send.toProblem, send.amountProblem, send.isNoteTooLong || undefined].filter(Boolean);
    expect(shown.length).toBe(code === "not_ready" ? 0 : 1);
    send.amount = "1.6";
    expect([send.refusal, send.toProblem, send.amountProblem]).toEqual([undefined, undefined, undefined]);
  });

  it("asks again about the same draft, since coins may be back meanwhile", async () => {
    fake.answers.propose = { ok: false, code: "funds_busy", missing: amount(7n) };
    fill();
    expect(await send.review()).toBe(false);
    fake.answers.propose = "ok";
    expect(await send.review()).toBe(true);
  });

  it.each<[string, () => void]>([
    ["typed on", () => (send.amount = "9.99")],
    ["left", () => send.clear()],
  ])("a proposal that comes once its draft was %s is for nobody", async (_what, change) => {
    fill();
    const reviewing = send.review();
    change();
    expect(await reviewing).toBe(false);
    expect([send.proposal, send.refusal, send.isProposing]).toEqual([undefined, undefined, false]);
  });

  it("survives a dead worker with its draft", async () => {
    fake.broken.add("propose");
    fill();
    expect(await send.review()).toBe(false);
    expect(send.refusal?.code).toBe("failed");
    expect(send.amount).toBe("1.5");
  });
});

describe("the yes", () => {
  it("that was refused leaves on show what it was about, until the same is proposed again", async () => {
    fake.answers.confirm = { ok: false, code: "funds_changed" };
    fill();
    await send.review();
    const { proposal } = send;
    expect(await send.confirm()).toBeUndefined();
    const asking = send.review();
    expect([send.proposal, send.confirmProblem, send.isProposing]).toEqual([proposal, "funds_changed", true]);
    expect(await asking).toBe(true);
    expect([send.proposal?.proposalId === proposal?.proposalId, send.confirmProblem]).toEqual([false, undefined]);
    fake.answers.propose = { ok: false, code: "not_ready" };
    expect(await send.review()).toBe(false);
    expect(send.proposal).toBeUndefined();
  });

  it("gives the id of the payment", async () => {
    fill();
    await send.review();
    expect(await send.confirm()).toBe("f0".repeat(32));
    send.clear();
    expect([send.to, send.amount, send.note, send.proposal]).toEqual(["", "", "", undefined]);
  });

  it("is on its way before the history says so; what no history knows is another wallet's", async () => {
    fill();
    await send.review();
    const txid = (await send.confirm())!;
    expect([send.shown(undefined), send.shown("aa"), send.shown(NEWEST_PAYMENT)]).toEqual([undefined, "aa", undefined]);
    const staked = fakeRow({ id: "ad", act: "stake" });
    const rows = [fakeRow({ id: "leaf:1", direction: "in" }), staked, fakeRow({ id: "ab" }), fakeRow({ id: "ac" })];
    fake.emit({ type: "history-changed", history: rows });
    expect(["aa", "ac", txid].map((each) => send.shown(each))).toEqual([undefined, "ac", txid]);
    expect(send.shown(NEWEST_PAYMENT)).toBe("ab");
    send.forget();
    expect(send.shown(txid)).toBeUndefined();
  });

  it("is taken once: a second tap while it is stored does nothing", async () => {
    fill();
    await send.review();
    const [first, second] = await Promise.all([send.confirm(), send.confirm()]);
    expect([first, second]).toEqual(["f0".repeat(32), undefined]);
    expect(fake.calls.filter(({ name }) => name === "confirm").length).toBe(1);
  });

  const CODES: readonly ConfirmCode[] = ["proposal_expired", "funds_changed", "build_failed", "storage_failed"];
  it.each(CODES)("keeps the proposal on view with %s", async (code) => {
    fake.answers.confirm = { ok: false, code };
    fill();
    await send.review();
    expect(await send.confirm()).toBeUndefined();
    expect(send.confirmProblem).toBe(code);
    expect(send.proposal).toBeDefined();
  });

  it("does not claim that nothing was sent when the answer was lost", async () => {
    fake.broken.add("confirm");
    fill();
    await send.review();
    await send.confirm();
    expect(send.confirmProblem).toBe("failed");
  });

  it("is no longer being given once the engine has gone: nobody will answer", async () => {
    fill();
    await send.review();
    fake.silent.add("confirm");
    const confirming = send.confirm();
    fake.emit({ type: "engine-stopped", code: "moved_to_other_tab" });
    expect(await confirming).toBeUndefined();
    expect([send.isConfirming, send.confirmProblem]).toEqual([false, "failed"]);
  });

  it("notices the same payment of a moment ago", async () => {
    fill();
    await send.review();
    expect(send.isRepeated).toBe(false);
    const twin = { id: "a", to: fakeAddress(1), amount: amount(1_500_000n) };
    fake.emit({ type: "history-changed", history: [fakeRow({ ...twin, timeMs: NOW_MS - 59_000 })] });
    expect(send.isRepeated).toBe(true);
    fake.emit({ type: "history-changed", history: [fakeRow({ ...twin, timeMs: NOW_MS - 61_000 })] });
    expect(send.isRepeated).toBe(false);
    fake.emit({ type: "history-changed", history: [fakeRow({ ...twin, timeMs: NOW_MS, state: "failed" })] });
    expect(send.isRepeated).toBe(false);
  });

  it("does not take itself for the same payment of a moment ago", async () => {
    fill();
    await send.review();
    const id = (await send.confirm())!;
    const row = fakeRow({ id, to: fakeAddress(1), amount: amount(1_500_000n), timeMs: NOW_MS, state: "queued" });
    fake.emit({ type: "history-changed", history: [row] });
    expect(send.isRepeated).toBe(false);
  });

  it("builds a failed payment again from what it was", async () => {
    fake.emit({
      type: "history-changed",
      history: [fakeRow({ id: "a", state: "failed", canRetry: true, memo: "hi" })],
    });
    expect(await send.rebuild("a")).toBe(true);
    expect([send.to, send.amount, send.note]).toEqual([fakeAddress(7), "12.5", "hi"]);
    expect(fake.calls.at(-1)).toEqual({ name: "retry", argument: "a" });
  });
});

describe("[AD-8] a request that ends", () => {
  const expiresMs = timeMs(NOW_MS + 60_000);
  const confirmed = () => fake.calls.filter(({ name }) => name === "confirm").length;

  it("is paid at once as long as it has not", async () => {
    send.fill(fakeAsked({ amount: amount(1_500_000n), expiresMs }));
    nowMs = expiresMs - 1;
    expect(await send.review()).toBe(true);
    expect([send.expiresMs, send.isOver]).toEqual([expiresMs, false]);
    expect(await send.confirm()).toBe("f0".repeat(32));
    send.clear();
    expect(send.expiresMs).toBeUndefined();
  });

  it("says so on Review, and a yes to that pays it", async () => {
    send.fill(fakeAsked({ amount: amount(1_500_000n), expiresMs }));
    nowMs = expiresMs;
    await send.review();
    expect(send.isOver).toBe(true);
    expect(await send.confirm()).toBe("f0".repeat(32));
  });

  it("while Review is open takes no yes before it was said", async () => {
    send.fill(fakeAsked({ amount: amount(1_500_000n), expiresMs }));
    await send.review();
    nowMs = expiresMs;
    expect([await send.confirm(), confirmed(), send.isOver, send.confirmProblem]).toEqual([
      undefined,
      0,
      true,
      undefined,
    ]);
    expect(await send.confirm()).toBe("f0".repeat(32));
  });

  it("ends nothing for another address, and again for its own, however that is broken into lines", async () => {
    send.fill(fakeAsked({ amount: amount(1_500_000n), expiresMs }));
    nowMs = expiresMs;
    send.amount = "2";
    send.note = "other words";
    send.to = fakeAddress(1);
    await send.review();
    expect([send.expiresMs, send.isOver]).toEqual([undefined, false]);
    const address = fakeAddress(7);
    send.to = `${address.slice(0, 60)}\n${address.slice(60)}`;
    await send.review();
    expect([send.expiresMs, send.isOver]).toEqual([expiresMs, true]);
    send.fill(fakeAsked({ expiresMs: undefined }));
    expect([send.expiresMs, send.isOver]).toEqual([undefined, false]);
  });

  it("is known to the page after an update as well", () => {
    send.fill(fakeAsked({ expiresMs }));
    const { texts } = send;
    send.clear();
    send.takeUp(texts);
    expect([send.texts, send.expiresMs]).toEqual([texts, expiresMs]);
    send.takeUp({ ...texts, "send.expires": "9e99" });
    expect(send.expiresMs).toBeUndefined();
  });
});

describe("what was half typed", () => {
  const typed = () => [send.to, send.amount, send.note];
  const HALF = [fakeAddress(1), "1.5", "for lunch"];

  beforeEach(() => fill({ note: "for lunch" }));

  it.each<[string, () => unknown]>([
    ["a request", () => send.fill(fakeAsked())],
    ["an address from elsewhere", () => send.begin(fakeAddress(3))],
    [
      "a payment that failed",
      () => {
        fake.emit({ type: "history-changed", history: [fakeRow({ id: "a", state: "failed", canRetry: true })] });
        return send.rebuild("a");
      },
    ],
  ])("is put back after %s took its place", async (_what, replace) => {
    await replace();
    expect(typed()).not.toEqual(HALF);
    expect(send.replacedTo).toBe(fakeAddress(1));
    send.putBack();
    expect([typed(), send.replaced]).toEqual([HALF, undefined]);
  });

  it("is the draft again once what took its place is sent, and no longer where somebody typed into that", async () => {
    send.fill(fakeAsked({ amount: amount(2_000_000n) }));
    await send.review();
    await send.confirm();
    send.finish();
    expect([typed(), send.replaced, send.proposal]).toEqual([HALF, undefined, undefined]);
    send.fill(fakeAsked({ amount: amount(2_000_000n) }));
    send.amount = "3";
    expect(send.replaced).toBeUndefined();
    send.finish();
    expect(typed()).toEqual(["", "", ""]);
  });

  it("outlives a second draft from elsewhere, and the same one twice", () => {
    const request = fakeAsked();
    send.fill(request);
    send.fill(request);
    send.begin(fakeAddress(3));
    send.putBack();
    expect(typed()).toEqual(HALF);
  });

  it("keeps the end of the request that it was for", () => {
    const expiresMs = timeMs(NOW_MS + 1);
    send.fill(fakeAsked({ expiresMs }));
    send.note = "as agreed";
    send.begin(fakeAddress(3));
    expect(send.expiresMs).toBeUndefined();
    send.putBack();
    expect(send.expiresMs).toBe(expiresMs);
  });

  it("is named only by a whole address, and nothing is said of an empty or an equal one", () => {
    send.to = "dstg1half";
    send.begin(fakeAddress(3));
    expect([send.replaced?.to, send.replacedTo]).toEqual(["dstg1half", undefined]);
    send.clear();
    send.begin(fakeAddress(3));
    expect(send.replaced).toBeUndefined();
    send.begin(fakeAddress(3));
    expect(send.replaced).toBeUndefined();
  });

  it("goes with the wallet", () => {
    send.fill(fakeAsked());
    send.forget();
    expect([typed(), send.replaced]).toEqual([["", "", ""], undefined]);
  });
});
