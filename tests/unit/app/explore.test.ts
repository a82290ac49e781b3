import { describe, expect, it, vi } from "vitest";
import { ExploreState } from "../../../src/app/state/explore.svelte.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { CHAIN, FakeClient, NETWORK, RECENT } from "../../support/fake-client.ts";

async function started() {
  const fake = new FakeClient();
  const session = new Session(() => ({ client: fake, close: () => undefined }));
  await session.start();
  const explore = new ExploreState(session);
  return { fake, explore, asked: () => fake.calls.filter(({ name }) => name === "chain").length };
}

describe("the chain on show", () => {
  it("is asked for while somebody looks, and not after", async () => {
    vi.useFakeTimers();
    try {
      const { explore, asked } = await started();
      const stop = explore.watch();
      await vi.advanceTimersByTimeAsync(9_000);
      expect([explore.view, asked()]).toEqual([CHAIN, 3]);
      stop();
      await vi.advanceTimersByTimeAsync(20_000);
      expect(asked()).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it("stays when nobody answers, and says so", async () => {
    const { fake, explore } = await started();
    await explore.look();
    fake.answers.chain = undefined;
    await explore.look();
    expect([explore.view, explore.isFailed]).toEqual([CHAIN, true]);
    fake.answers.chain = CHAIN;
    fake.broken.add("chain");
    await explore.look();
    expect(explore.isFailed).toBe(true);
    fake.broken.delete("chain");
    await explore.look();
    expect([explore.view, explore.isFailed]).toEqual([CHAIN, false]);
  });

  it("stands beside what this device knows by itself, whoever answers", async () => {
    const { fake, explore } = await started();
    fake.answers.chain = undefined;
    await Promise.all([explore.look(), explore.lookHere()]);
    expect([explore.view, explore.recent, explore.network]).toEqual([undefined, RECENT, NETWORK]);
    for (const name of ["recent", "network"]) fake.broken.add(name);
    await explore.lookHere();
    expect([explore.recent, explore.network, explore.isNetworkFailed]).toEqual([RECENT, NETWORK, true]);
  });

  it("is asked for once at a time", async () => {
    const { fake, explore, asked } = await started();
    fake.silent.add("chain");
    void explore.look();
    void explore.look();
    await Promise.resolve();
    expect(asked()).toBe(1);
  });
});
