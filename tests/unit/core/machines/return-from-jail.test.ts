import { describe, expect, it } from "vitest";
import { devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import { encodeTransaction } from "../../../../src/core/chain/transaction.ts";
import { CLOCK_TOLERANCE_MS } from "../../../../src/core/consensus/receive-proposal.ts";
import type { FullNodeEffect, FullNodeEvent } from "../../../../src/core/machines/full-node-events.ts";
import {
  createFullNodeState,
  type FullNodeDeps,
  type FullNodeState,
} from "../../../../src/core/machines/full-node-state.ts";
import { stepFullNode } from "../../../../src/core/machines/full-node.ts";
import { BLOCKS_MISSED_MAX, STEADY_BLOCKS } from "../../../../src/core/machines/return-from-jail.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { removeAfterBlock } from "../../../../src/core/mempool/mempool.ts";
import type { AccountStatus } from "../../../../src/core/state/aux-records.ts";
import { nextEpoch, nextHeight } from "../../../../src/core/state/ledger-tip.ts";
import { height, timeMs, type Height } from "../../../../src/core/values/height.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { accountAt, isInSet, makingNothing, withAccount } from "../../../support/stake-ledger.ts";
import { ofType } from "../../../support/watched-node.ts";

const own = devValidatorSeed(0);

/** A validator whose key is not in good standing, on a chain that goes on without it. */
class Outsider {
  readonly builder: LedgerBuilder;
  readonly deps: FullNodeDeps;
  state: FullNodeState;

  constructor(options: { status?: AccountStatus; unjails?: boolean; signsFrom?: Height; label?: string } = {}) {
    const { status = "jailed", unjails = true, signsFrom, label = "outsider" } = options;
    this.builder = new LedgerBuilder({ label, validatorCount: 5, params: { weekEpochs: 50 } });
    this.builder.extend();
    withAccount(this.builder, own, { status });
    this.builder.extendToBoundary();
    const { bls } = this.builder.deps;
    const sign = (message: Uint8Array): Uint8Array => bls.sign(own, message);
    const { chainId, params } = this.builder.tip.chain;
    this.deps = {
      ledger: this.builder.deps,
      reader: this.builder.ledger,
      consensus: {
        bls,
        params,
        chainId,
        signer: { publicKey: bls.publicKey(own), sign, ...(signsFrom === undefined ? {} : { signsFrom }) },
      },
      stemSecret: hash32("test/stem"),
      unjails,
    };
    this.state = this.fresh();
    this.post({ type: "started", now: this.builder.tip.header.time, log: [] });
  }

  /** As after a restart. */
  fresh(): FullNodeState {
    const { tip, lastCertificate, seatHistory } = this.builder;
    const boundary = { height: height(0), blockId: tip.blockId, time: tip.header.time };
    return createFullNodeState(tip, lastCertificate, boundary, seatHistory);
  }

  post(event: FullNodeEvent): readonly FullNodeEffect[] {
    const [state, effects] = stepFullNode(this.deps, this.state, event);
    this.state = state;
    return effects;
  }

  /** The chain has a block more, which is stored so long after it was made; what the node makes of it. */
  block(lateMs = 500): readonly FullNodeEffect[] {
    const { txids, compact } = this.builder.extend();
    const { tip, lastCertificate: tipCertificate } = this.builder;
    const { mempool } = removeAfterBlock(this.state.mempool, tip, this.builder.ledger, {
      txids,
      spent: compact.spent,
      rewritten: [],
    });
    this.state = { ...this.state, tip, tipCertificate, mempool };
    return this.post({ type: "block-committed", now: timeMs(tip.header.time + lateMs) });
  }

  /** The unjails among the effects of so many blocks. */
  sentIn(blocks: number, lateMs?: number) {
    const effects = Array.from({ length: blocks }, () => this.block(lateMs)).flat();
    const published = ofType(effects, "publish-transaction").map(({ transaction }) => transaction);
    expect(ofType(effects, "unjail-sent")).toHaveLength(published.length);
    return published;
  }
}

describe("a jailed validator", () => {
  it("[ST-3] says that it is back once STEADY_BLOCKS were on time, once, and the next block takes it back", () => {
    const node = new Outsider();
    expect([node.state.standing, isInSet(node.builder, own)]).toEqual(["jailed", false]);
    expect(node.sentIn(STEADY_BLOCKS - 1)).toEqual([]);
    const [unjail, ...more] = node.sentIn(5);
    expect(unjail).toEqual(node.builder.unjail(own));
    expect(more).toEqual([]);
    node.builder.extend([makingNothing(unjail!)]);
    expect(ofType(node.block(), "standing-changed")).toEqual([{ type: "standing-changed", standing: "waiting" }]);
    node.builder.extendToBoundary();
    expect([accountAt(node.builder, own)!.status, isInSet(node.builder, own)]).toEqual(["ok", true]);
    expect(ofType(node.block(), "standing-changed")).toEqual([{ type: "standing-changed", standing: "active" }]);
    expect(node.sentIn(5)).toEqual([]);
  });

  it("[ST-3] [CO-2] waits while blocks come late, as fetched ones do, or its clock is behind them", () => {
    const node = new Outsider();
    const lateMs = BLOCKS_MISSED_MAX * node.builder.tip.chain.params.emptyBlockMs;
    expect(node.sentIn(2 * STEADY_BLOCKS, lateMs + 1)).toEqual([]);
    expect(node.sentIn(2 * STEADY_BLOCKS, -CLOCK_TOLERANCE_MS - 1)).toEqual([]);
    // One late block begins the count anew.
    expect(node.sentIn(STEADY_BLOCKS - 1)).toEqual([]);
    expect(node.sentIn(1, lateMs + 1)).toEqual([]);
    expect(node.sentIn(STEADY_BLOCKS - 1, lateMs)).toEqual([]);
    expect(node.sentIn(1, -CLOCK_TOLERANCE_MS)).toHaveLength(1);
  });

  it("[ST-3] [CO-14] waits as long as it may not sign", () => {
    const node = new Outsider();
    const from = height(node.builder.tip.header.height + STEADY_BLOCKS + 4);
    const bound = new Outsider({ signsFrom: from });
    while (nextHeight(bound.builder.tip) < height(from - 1)) expect(bound.sentIn(1)).toEqual([]);
    expect(bound.sentIn(1)).toHaveLength(1);
    expect(nextHeight(bound.builder.tip)).toBe(from);
  });

  it("[ST-3] leaves it to its operator where it was told so", () => {
    expect(new Outsider({ unjails: false }).sentIn(3 * STEADY_BLOCKS)).toEqual([]);
  });

  it.each(["ok", "slash-due", "removed"] as const)("[ST-3] does nothing where its key is %s", (status) => {
    expect(new Outsider({ status }).sentIn(3 * STEADY_BLOCKS)).toEqual([]);
  });

  it("[ST-3] makes the same bytes after a kill, and new ones in the next epoch if nobody took the first", () => {
    const node = new Outsider();
    const [first] = node.sentIn(STEADY_BLOCKS);
    node.state = node.fresh();
    node.post({ type: "started", now: node.builder.tip.header.time, log: [] });
    const [again] = node.sentIn(STEADY_BLOCKS);
    expect(encodeTransaction(again!)).toEqual(encodeTransaction(first!));
    const before = nextEpoch(node.builder.tip);
    node.builder.extendToBoundary();
    const [next] = node.sentIn(1);
    expect(next).toMatchObject({ kind: "unjail", epoch: before + 1 });
  });

  it("[ST-3] that is jailed again in the epoch of its return waits for the next", () => {
    const node = new Outsider();
    withAccount(node.builder, own, { unjailEpoch: nextEpoch(node.builder.tip) });
    expect(node.sentIn(2 * STEADY_BLOCKS)).toEqual([]);
    node.builder.extendToBoundary();
    expect(node.sentIn(1)).toHaveLength(1);
  });

  it("[NW-4] hands it to a stem like anybody's transaction, and keeps it there", () => {
    const node = new Outsider();
    node.post({ type: "stem-peer-found", now: node.builder.tip.header.time, peer: "friend", isDialled: true });
    const effects = Array.from({ length: STEADY_BLOCKS }, () => node.block()).flat();
    expect(ofType(effects, "send-stem")).toMatchObject([{ peer: "friend", transaction: node.builder.unjail(own) }]);
    expect(ofType(effects, "publish-transaction")).toEqual([]);
    expect(ofType(effects, "unjail-sent")).toHaveLength(1);
    expect(ofType(node.block(), "send-stem")).toEqual([]);
  });
});
