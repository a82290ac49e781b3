import { describe, expect, it } from "vitest";
import { beginTrusted } from "../../../../src/core/machines/light-client-begin.ts";
import { IDLE_RESTORE, type RestoreRun } from "../../../../src/core/machines/light-client-restore-state.ts";
import { chooseData } from "../../../../src/core/machines/light-client-source.ts";
import type { Draft, LightClientState } from "../../../../src/core/machines/light-client-state.ts";
import type { LinkedBlock } from "../../../../src/core/sync/step-sync.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { testCurve } from "../../../support/test-curve.ts";
import { LightClientWorld } from "../../../support/light-client-world.ts";

/** A client that has followed its chain for a while, in the middle of a step. */
function followed(change: (state: LightClientState) => Partial<LightClientState>): Draft {
  const world = new LightClientWorld(1);
  world.start();
  world.run(5_000);
  const deps = { bls: fakeBls, curve: testCurve, checkpoints: world.bundled, isOriginTrusted: false };
  return {
    state: { ...world.state, ...change(world.state) },
    stored: world.state.durable,
    effects: [],
    nowMs: world.deviceMs,
    deps,
  };
}

describe("[LC-2] a wallet whose blocks are gone", () => {
  it("hears nothing any more of what a restore asked and scanned where the chain stood before", () => {
    const boundary = { height: 1, timeMs: 1, nextLeaf: 1 };
    const scan = { range: 0, boundary, leaves: [], job: {} };
    const run = {
      ...IDLE_RESTORE,
      nextRequestId: 8,
      requests: [{ requestId: 7, node: 0, peer: "p", asks: { type: "ranges", ranges: [0] }, deadlineMs: Infinity }],
      verified: [scan],
      scanning: [{ jobId: 100, scan }],
      opening: [{ jobId: 101, buckets: [0] }],
    } as unknown as RestoreRun;
    const draft = followed(() => ({ restore: run }));
    beginTrusted(draft, draft.state.durable.chain!);
    expect(draft.state.durable.wallet!.restore).toBeDefined();
    expect(draft.state.restore).toMatchObject({ requests: [], verified: [], scanning: [], opening: [] });
    expect(draft.state.restore.nextRequestId).toBe(8);
    expect(draft.effects).toEqual([{ type: "cancel-request", requestId: 7 }]);
  });

  it.each([
    ["nothing", {}, "headers"],
    ["proven blocks", { queue: [{} as LinkedBlock] }, undefined],
    ["a scan", { scan: { stage: "tags", jobId: 1, count: 1 } as const }, undefined],
  ])("skips them with %s still to be done: what it has is finished first", (_, change, stage) => {
    const draft = followed((state) => {
      const height = state.chain!.header.height + 200;
      const nodes = state.nodes.map((node) => {
        return { ...node, status: node.status && { ...node.status, height, oldestBlock: height - 1 } };
      });
      return { data: undefined, nodes, ...change };
    });
    chooseData(draft);
    expect(draft.state.data?.stage).toBe(stage);
  });
});
