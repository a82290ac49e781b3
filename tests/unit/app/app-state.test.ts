import { expect, it } from "vitest";
import { AppState } from "../../../src/app/state/app-state.svelte.ts";
import type { RouterWindow } from "../../../src/app/state/router.svelte.ts";
import { fakePasskeys } from "../../support/fake-passkeys.ts";
import { FakeClient, fakeAddress, LIVE } from "../../support/fake-client.ts";

const window = {
  location: { pathname: "/pay/receive", search: "", hash: "" },
  history: { state: null, replaceState: () => undefined },
  addEventListener: () => undefined,
} as unknown as RouterWindow;

function twoClients() {
  const clients = [new FakeClient(), new FakeClient()] as const;
  const waiting = [...clients];
  const app = new AppState({
    connect: () => ({ client: waiting.shift()!, close: () => undefined }),
    window,
    preferences: undefined,
    storage: undefined,
    updates: {
      watch: () => undefined,
      check: () => Promise.resolve("newest"),
      apply: () => Promise.resolve(),
      takeDraft: () => Promise.resolve(undefined),
    },
    passkeys: fakePasskeys(null),
    wipe: () => Promise.resolve(),
    now: () => 0,
  });
  return { app, clients };
}

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
