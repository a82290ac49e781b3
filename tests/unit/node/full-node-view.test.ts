import { describe, expect, it } from "vitest";
import { createFullNodeState } from "../../../src/core/machines/full-node-state.ts";
import type { NetworkPort } from "../../../src/core/ports/network-port.ts";
import type { FullNodeStore } from "../../../src/core/ports/full-node-store.ts";
import { height, timeMs, type Height } from "../../../src/core/values/height.ts";
import { FinalityTimes } from "../../../src/node/finality-times.ts";
import { createNodeView } from "../../../src/node/full-node-view.ts";
import { Replies } from "../../../src/node/replies.ts";
import type { FullNodeOptions } from "../../../src/node/rpc/node-view.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";

describe("the status of a node", () => {
  const { tip, deps } = new LedgerBuilder({ label: "view" });
  const { header, blockId } = tip;
  const alone = createFullNodeState(tip, undefined, { height: height(0), blockId, time: header.time });
  const statusWith = (peers: ReadonlyMap<string, Height>): { readonly isSyncing: boolean } =>
    createNodeView({
      options: {} as FullNodeOptions,
      finality: new FinalityTimes(),
      store: {} as FullNodeStore,
      curve: deps.curve,
      host: {} as NetworkPort,
      replies: new Replies(),
      post: () => undefined,
      now: () => timeMs(header.time + 3_600_000),
      onBlock: () => () => undefined,
      onMempool: () => () => undefined,
      state: () => ({ ...alone, peers }),
    }).status();

  it("is syncing while its newest block is late and somebody has shown a later one, among any number of peers", () => {
    expect(statusWith(new Map()).isSyncing).toBe(false);
    expect(statusWith(new Map([["next", height(1)]])).isSyncing).toBe(false);
    const many = Array.from({ length: 200_000 }, (_, index): [string, Height] => [`peer ${index}`, height(2)]);
    expect(statusWith(new Map(many)).isSyncing).toBe(true);
  });
});
