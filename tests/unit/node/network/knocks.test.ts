import { describe, expect, it } from "vitest";
import { Knocks } from "../../../../src/node/network/knocks.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";

describe("when to knock again", () => {
  it("doubles its pause up to five minutes, and begins anew with whoever answers or comes again", async () => {
    const network = new FakeNetwork();
    const [node, client] = [network.join("node"), network.join("client")];
    await client.dial("/fake/node", 1_000);
    let now = 0;
    const knocks = new Knocks(node, () => now);
    const pause = (): number => {
      const from = now;
      knocks.unanswered("client");
      while (!knocks.isDue("client")) now += 1_000;
      return (now - from) / 1_000;
    };
    expect(Array.from({ length: 11 }, pause)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    knocks.answered("client");
    expect(knocks.isDue("client")).toBe(true);
    expect([pause(), pause()]).toEqual([1, 2]);
    knocks.unanswered("client");
    await client.hangUp("node");
    expect(knocks.isDue("client")).toBe(true);
    // It has gone: nothing is kept.
    knocks.unanswered("client");
    expect(knocks.isDue("client")).toBe(true);
  });
});
