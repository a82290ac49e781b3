import { expect, it } from "vitest";
import { AppState } from "../../../src/app/state/app-state.svelte.ts";
import type { RouterWindow } from "../../../src/app/state/router.svelte.ts";
import { FakeClient, fakeAddress } from "../../support/fake-client.ts";

const window = {
  location: { pathname: "/receive", search: "" },
  history: { state: null, replaceState: () => undefined },
  addEventListener: () => undefined,
} as unknown as RouterWindow;

it("an address shown before a stop is not shown after it: the wallet may be another", async () => {
  const clients = [new FakeClient(), new FakeClient()];
  const next = clients[1]!;
  const app = new AppState({
    connect: () => ({ client: clients.shift()!, close: () => undefined }),
    window,
    preferences: undefined,
    storage: undefined,
    updates: { watch: () => undefined, apply: () => Promise.resolve() },
    now: () => 0,
  });
  await app.session.start();
  await app.receive.open();
  expect(app.receive.address).toBe(fakeAddress(1));
  await app.startOver();
  next.silent.add("address");
  void app.receive.open();
  expect(app.receive.address).toBeUndefined();
});
