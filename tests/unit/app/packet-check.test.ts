import { describe, expect, it } from "vitest";
import type { PacketCheckResult } from "../../../src/api/packet-check.ts";
import { PacketCheckState } from "../../../src/app/state/packet-check.svelte.ts";
import { CHECKED_PACKET, FakeClient } from "../../support/fake-client.ts";

describe("a check of how a packet was shared out", () => {
  it("asks nothing before somebody wants it, then the client by the packet's name, and shows what it found", async () => {
    const client = new FakeClient();
    const state = new PacketCheckState(() => client.packets);
    expect(client.calls).toEqual([]);
    const checking = state.check("packet:7");
    expect(state.isChecking).toBe(true);
    // A second tap meanwhile is none.
    await state.check("packet:7");
    await checking;
    expect(client.calls).toEqual([{ name: "checkPacket", argument: "packet:7" }]);
    expect(state).toMatchObject({ isChecking: false, view: CHECKED_PACKET, problem: undefined });
  });

  it("says why nothing could be told, also where the client is gone, and may be made again", async () => {
    const client = new FakeClient();
    const state = new PacketCheckState(() => client.packets);
    client.answers.checkPacket = { ok: false, code: "gone" };
    await state.check("made:7");
    expect(state).toMatchObject({ view: undefined, problem: "gone" });
    const dead = new PacketCheckState(() => ({
      check: () => Promise.reject<PacketCheckResult>(new Error("the worker has ended")),
      checking: () => Promise.reject(new Error("the worker has ended")),
    }));
    await dead.check("made:7");
    expect(dead).toMatchObject({ isChecking: false, view: undefined, problem: "failed" });
    client.answers.checkPacket = { ok: true, view: CHECKED_PACKET };
    await state.check("made:7");
    expect(state).toMatchObject({ view: CHECKED_PACKET, problem: undefined });
  });
});
