import { expect, it } from "vitest";
import { AppState } from "../../../src/app/state/app-state.svelte.ts";
import { OwnRequestsState } from "../../../src/app/state/own-requests.svelte.ts";
import { Preferences } from "../../../src/app/state/preferences.svelte.ts";
import type { RouterWindow } from "../../../src/app/state/router.svelte.ts";
import type { Draft } from "../../../src/app/state/update.svelte.ts";
import { fakePasskeys } from "../../support/fake-passkeys.ts";
import { FakeClient, fakeAddress, LIVE } from "../../support/fake-client.ts";

const window = {
  location: { pathname: "/pay/receive", search: "", hash: "" },
  history: { state: null, replaceState: () => undefined },
  addEventListener: () => undefined,
} as unknown as RouterWindow;

function twoClients(held?: Draft) {
  const applied: Draft[] = [];
  const clients = [new FakeClient(), new FakeClient()] as const;
  const waiting = [...clients];
  const app = new AppState({
    connect: () => ({ client: waiting.shift()!, close: () => undefined }),
    window,
    preferences: new Preferences(undefined),
    storage: undefined,
    updates: {
      watch: () => undefined,
      check: () => Promise.resolve("newest"),
      apply: (draft) => Promise.resolve(void applied.push(draft)),
      reload: () => Promise.resolve(),
      takeDraft: () => Promise.resolve(held),
    },
    passkeys: fakePasskeys(null),
    install: { kind: "other", isInstalled: false, watch: () => undefined },
    badge: undefined,
    wipe: () => Promise.resolve(),
    now: () => 0,
  });
  return { app, clients, applied };
}

const BEGUN = {
  "send.to": fakeAddress(1),
  "send.amount": "12.5",
  "send.note": "半写的 note",
  "check.text": "dstgproof1half",
  // Of a screen that was left for another: no address has it.
  "asked.link": "https://pay.example/p#dstgreq1half",
  "search.text": "dstghalf",
  "stake.validatorKey": "b0b0",
  "stake.acceptance": "dstgaccept1half",
  "stake.amount": "150",
  "request.amount": "2,5",
  "request.note": "Tea",
  "request.reference": "7",
  "request.expiry": "never",
  "packet.kind": "equal",
  "packet.total": "88",
  "packet.count": "6",
  "packet.expiry": "hour",
  "packet.greeting": "恭喜发财",
  "packet.chance": "8",
  "checkpoint.text": "9870 legal winner",
  "history.text": "lunch",
  "history.kind": "in",
};

/** Each form by what its screen would read of it. */
function typedInto(app: AppState) {
  const { to, amount, note } = app.send;
  return [to, amount, note, app.check.text, app.asked.link, app.search.text, ...Object.values(app.drafts.texts)];
}

it("what is half typed anywhere goes to the page after an update, as it was", async () => {
  const { app: before, applied } = twoClients(BEGUN);
  await before.takeUpDraft();
  expect(typedInto(before)).toEqual(Object.values(BEGUN));
  await before.update.apply();
  expect(applied).toEqual([BEGUN]);
  const { app: after } = twoClients(applied[0]);
  await after.takeUpDraft();
  expect(after.drafts.stake).toEqual({ validatorKey: "b0b0", acceptance: "dstgaccept1half", amount: "150" });
  expect(new OwnRequestsState(after.session, after.drafts.request, () => 0).expiry).toBe("never");
});

it("a draft of a version that knew other fields is taken up as far as it goes", async () => {
  const { app } = twoClients({ "request.note": "Tea", "request.expiry": "century", "chat.text": "hello" });
  await app.takeUpDraft();
  expect(app.drafts.request).toEqual({ amount: "", note: "Tea", reference: "", expiry: "century" });
  expect(new OwnRequestsState(app.session, app.drafts.request, () => 0).expiry).toBe("week");
  expect(Object.keys(app.drafts.texts)).not.toContain("chat.text");
});

it.each([
  ["erased", (app: AppState) => app.erase()],
  ["removed because it could not be read", (app: AppState) => app.discardAndRestore()],
  ["removed because it could not be unlocked", (app: AppState) => app.discardLockedAndRestore()],
  ["lost", (app: AppState) => app.goOnWithoutStored("anew")],
])("nothing typed for a wallet outlives it: %s", async (_how, lose) => {
  const { app } = twoClients(BEGUN);
  await app.session.start();
  await app.takeUpDraft();
  app.search.text = fakeAddress(1);
  await app.search.search();
  app.search.text = "half";
  const searching = app.search.goFurther();
  await lose(app);
  await searching;
  expect([app.search.text, app.search.hits, app.search.further, app.search.isBusy]).toEqual(["", undefined, 0, false]);
  const [to, amount, note, , , ...others] = typedInto(app);
  expect([to, amount, note, ...others].join("")).toBe("");
});

it("an address shown before a stop is not shown after it: the wallet may be another", async () => {
  const { app, clients } = twoClients();
  await app.session.start();
  await app.receive.open();
  expect(app.receive.address).toBe(fakeAddress(1));
  await app.startOver();
  clients[1].silent.add("address");
  void app.receive.open();
  expect(app.receive.address).toBeUndefined();
});

it("a payment stored before a stop is not waited for after it when the wallet is another", async () => {
  const { app, clients } = twoClients();
  clients[0].begin({ type: "sync-changed", sync: LIVE });
  clients[1].begin({ type: "history-changed", history: [] });
  await app.session.start();
  Object.assign(app.send, { to: fakeAddress(1), amount: "1" });
  expect(await app.send.review()).toBe(true);
  const txid = await app.send.confirm();
  expect(app.send.shown(txid)).toBe(txid);
  await app.startOver();
  expect(app.send.shown(txid)).toBeUndefined();
});
