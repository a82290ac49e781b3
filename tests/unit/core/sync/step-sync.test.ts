import { describe, expect, it } from "vitest";
import { encodeCertificate } from "../../../../src/core/chain/certificate.ts";
import type { BlsBackend } from "../../../../src/core/crypto/bls-backend.ts";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import { MULTIPLIER_MIN } from "../../../../src/core/state/fee-multiplier.ts";
import type { CompactItem } from "../../../../src/core/sync/compact-item.ts";
import {
  LINKED_BLOCKS_MAX,
  LINKED_OUTPUTS_MAX,
  openSync,
  startAtCheckpoint,
  stepSync,
  type LinkedBlock,
  type SyncEffect,
  type SyncState,
} from "../../../../src/core/sync/step-sync.ts";
import { startPace } from "../../../../src/core/sync/output-pace.ts";
import {
  decodeTrustedChain,
  encodeTrustedChain,
  HEADER_AHEAD_MS_MAX,
  withStatedFee,
} from "../../../../src/core/sync/trusted-chain.ts";
import { height, timeMs, type TimeMs } from "../../../../src/core/values/height.ts";
import { ClientChain, randomOutput } from "../../../support/client-chain.ts";
import { CHAIN_ID, testValidators } from "../../../support/consensus-chain.ts";
import { fakeBls } from "../../../support/fake-bls.ts";
import { testCurve } from "../../../support/test-curve.ts";
import { seededRandom } from "../../../support/test-random.ts";

const params = NETWORK_PARAMS.dev;
const random = seededRandom("step sync");

/** Counts the pairings a run costs. */
function counting(): { readonly bls: BlsBackend; readonly count: () => number } {
  let checks = 0;
  const verifyAggregate: BlsBackend["verifyAggregate"] = (...args) => {
    checks++;
    return fakeBls.verifyAggregate(...args);
  };
  const verify: BlsBackend["verify"] = (...args) => {
    checks++;
    return fakeBls.verify(...args);
  };
  return { bls: { ...fakeBls, verify, verifyAggregate }, count: () => checks };
}

function start(chain: ClientChain, at = 0): SyncState {
  const trusted = startAtCheckpoint(chain.checkpoint(at), CHAIN_ID, MULTIPLIER_MIN, chain.headerItem(at));
  if (trusted === undefined) throw new Error("no start");
  return openSync(params, trusted, undefined);
}

function feed(
  state: SyncState,
  items: readonly CompactItem[],
  options: { readonly bls?: BlsBackend; readonly newest?: number; readonly nowMs?: TimeMs } = {},
): { readonly state: SyncState; readonly blocks: readonly LinkedBlock[]; readonly faults: readonly string[] } {
  const effects: SyncEffect[] = [];
  let current = state;
  for (const item of items) {
    const nowMs = options.nowMs ?? item.header.time;
    const isNewest = item.header.height >= (options.newest ?? 0);
    const [next, more] = stepSync({ bls: options.bls ?? fakeBls, curve: testCurve }, current, {
      type: "item-received",
      item,
      nowMs,
      isNewest,
    });
    current = next;
    effects.push(...more);
    if (more.some((effect) => effect.type === "stream-refused")) break;
  }
  const blocks = effects.flatMap((effect) => (effect.type === "blocks-proven" ? effect.blocks : []));
  const faults = effects.flatMap((effect) => (effect.type === "stream-refused" ? [effect.fault] : []));
  return { state: current, blocks, faults };
}

function chainOf(count: number): ClientChain {
  const chain = new ClientChain(params);
  for (let index = 0; index < count; index++) chain.add({ outputs: index % 3 === 0 ? [randomOutput(random)] : [] });
  return chain;
}

describe("following a chain", () => {
  it("[LC-1] proves each block at the tip and one for many while catching up, up to LINKED_BLOCKS_MAX", () => {
    const chain = chainOf(200);
    const live = counting();
    expect(feed(start(chain), chain.items.slice(1), { bls: live.bls }).blocks).toHaveLength(200);
    expect(live.count()).toBe(200);
    const behind = counting();
    const caught = feed(start(chain), chain.items.slice(1), { bls: behind.bls, newest: 200 });
    expect(caught.blocks.map((block) => block.item.header.height)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    expect(behind.count()).toBe(Math.ceil(200 / LINKED_BLOCKS_MAX));
    expect(caught.state.trusted.header).toEqual(chain.tip);
    expect(decodeTrustedChain(encodeTrustedChain(caught.state.trusted))).toEqual(caught.state.trusted);
  });

  it.each([1, 4, 100])("[LC-5] a certificate of %i validators costs one check", (count) => {
    const powers = Array.from({ length: count }, () => 10);
    const chain = new ClientChain(params, testValidators(fakeBls, powers));
    chain.add();
    const { bls, count: checks } = counting();
    expect(feed(start(chain), chain.items.slice(1), { bls }).blocks).toHaveLength(1);
    expect(checks()).toBe(1);
  });

  it("proves sooner when blocks are full: LINKED_OUTPUTS_MAX bounds what an unproven stream makes us hold", () => {
    const chain = new ClientChain(params);
    const outputs = Array.from({ length: LINKED_OUTPUTS_MAX / 2 }, () => randomOutput(random));
    for (let index = 0; index < 4; index++) chain.add({ outputs });
    const { state } = feed(start(chain), chain.items.slice(1, 4), { newest: 9 });
    expect(state.trusted.header.height).toBe(2);
    expect(state.linked).toHaveLength(1);
    const [after, effects] = stepSync({ bls: fakeBls, curve: testCurve }, state, { type: "paused", nowMs: timeMs(0) });
    expect(after.linked).toEqual([]);
    expect(effects).toMatchObject([{ type: "blocks-proven", isConfirmed: true }]);
  });

  it("[LC-2] changes to the set that a proven boundary announces, and to no other", () => {
    const chain = chainOf(2);
    const others = testValidators(fakeBls, [9, 9, 9, 9]);
    chain.add({ nextValidators: others });
    chain.add();
    chain.add();
    const items = chain.items.slice(1);
    const { state, blocks, faults } = feed(start(chain), items, { newest: 99 });
    expect([blocks.length, state.linked.length, faults]).toEqual([3, 2, []]);
    expect(state.trusted.nextValidators).toEqual(others.set);
    const swapped = items.map((item, index) =>
      index === 2 ? { ...item, nextValidators: testValidators(fakeBls, [1]).set } : item,
    );
    expect(feed(start(chain), swapped).faults).toEqual(["bad_set"]);
    // A fork that announces its own set does not get as far as using it: the boundary needs the old set's certificate.
    const fork = chainOf(0);
    const forged = new ClientChain(params);
    forged.add({ nextValidators: others, seats: [] });
    forged.add();
    expect(feed(start(fork), forged.items.slice(1), { newest: 99 })).toMatchObject({
      blocks: [],
      faults: ["bad_certificate"],
    });
  });

  it("[LC-1] needs more than two thirds of the power", () => {
    for (const [seats, isFinal] of [
      [[0, 1], true],
      [[0], false],
      [[1, 2], false],
    ] as const) {
      const chain = new ClientChain(params);
      chain.add({ seats });
      expect(feed(start(chain), chain.items.slice(1)).faults).toEqual(isFinal ? [] : ["bad_certificate"]);
    }
  });

  it("[FE-1] follows the price of the epochs", () => {
    const chain = new ClientChain(params);
    const outputs = Array.from({ length: 2 * params.targetOutputsPerEpoch }, () => randomOutput(random));
    chain.add({ outputs, isEpochEnd: true });
    chain.add();
    const { state } = feed(start(chain), chain.items.slice(1));
    expect(state.trusted.feeMultiplier).toBe(1125);
    expect(state.trusted.epochFirstLeaf).toBe(outputs.length);
    expect(state.trusted.boundary).toEqual(chain.checkpoint(1));
  });

  it("[FE-1] a fee nobody stated begins as the lowest; the one stated for our newest boundary counts, no other", () => {
    const chain = chainOf(3);
    chain.add({ isEpochEnd: true });
    chain.add();
    const trusted = startAtCheckpoint(chain.checkpoint(0), CHAIN_ID, undefined, chain.headerItem(0))!;
    expect(trusted).toMatchObject({ feeMultiplier: MULTIPLIER_MIN, isFeeKnown: false, boundary: chain.checkpoint(0) });
    const { state } = feed(openSync(params, trusted, undefined), chain.items.slice(1));
    expect(state.trusted).toMatchObject({ isFeeKnown: false, boundary: chain.checkpoint(4) });
    const stated = { blockId: chain.checkpoint(4).blockId, multiplier: 3_000 };
    expect(withStatedFee(state.trusted, stated)).toEqual({ ...state.trusted, feeMultiplier: 3_000, isFeeKnown: true });
    for (const other of [undefined, { ...stated, blockId: chain.checkpoint(0).blockId }])
      expect(withStatedFee(state.trusted, other)).toBe(state.trusted);
  });

  it("[LC-4] the record says where it stands; one of the first version does not know its boundary", () => {
    const chain = chainOf(2);
    const { state } = feed(start(chain), chain.items.slice(1));
    const bytes = encodeTrustedChain(state.trusted);
    expect(decodeTrustedChain(bytes)).toEqual(state.trusted);
    // Behind the set: whether the fee is known, the boundary's name, the certificate.
    const certificateSize = encodeCertificate(state.trusted.certificate!).length;
    const paceSize = 1 + 1 + 16;
    const unpaced = bytes.slice(0, -paceSize);
    unpaced[0] = 2;
    expect(decodeTrustedChain(unpaced)).toEqual({ ...state.trusted, pace: startPace(state.trusted.header) });
    const old = unpaced.slice(0, -(1 + 1 + 8 + 32 + 8 + 1 + certificateSize));
    old[0] = 1;
    const pace = startPace(state.trusted.header);
    const unknown = { ...state.trusted, isFeeKnown: false, boundary: undefined, certificate: undefined, pace };
    expect(decodeTrustedChain(old)).toEqual(unknown);
    expect(decodeTrustedChain(encodeTrustedChain(unknown))).toEqual(unknown);
    const above = { ...state.trusted, boundary: { ...state.trusted.boundary!, height: height(3) } };
    expect(() => decodeTrustedChain(encodeTrustedChain(above))).toThrow("boundary above");
  });
});

describe("a stream that lies", () => {
  const chain = chainOf(6);
  const items = chain.items.slice(1);
  const change = (index: number, damage: (item: CompactItem) => Partial<CompactItem>): readonly CompactItem[] =>
    items.map((item, place) => (place === index ? { ...item, ...damage(item) } : item));

  it.each([
    [
      "wrong_compact_root",
      change(3, ({ compact }) => ({ compact: { ...compact, spent: [...compact.spent, 1 as never] } })),
    ],
    ["wrong_compact_root", change(0, ({ compact }) => ({ compact: { ...compact, entries: [] }, outputs: [] }))],
    ["wrong_output", change(3, () => ({ outputs: [randomOutput(random)] }))],
    [
      "wrong_payload",
      change(3, ({ outputs }) => ({ outputs: [{ core: outputs![0]!.core, payload: random.bytes(512) }] })),
    ],
    ["no_outputs", change(3, () => ({ outputs: [] }))],
    ["not_next", items.filter((_, index) => index !== 2)],
    ["not_next", [items[0]!, items[0]!]],
    ["wrong_chain", change(2, ({ header }) => ({ header: { ...header, chainId: 1001 } }))],
    ["bad_time", change(2, ({ header }) => ({ header: { ...header, time: timeMs(header.time - 1) } }))],
    ["bad_epoch", change(2, ({ header }) => ({ header: { ...header, epoch: (header.epoch + 1) as never } }))],
    ["bad_set", change(2, ({ header }) => ({ header: { ...header, valHash: header.prev } }))],
    ["bad_set", change(2, ({ header }) => ({ header: { ...header, nextValHash: header.prev } }))],
    ["bad_certificate", change(5, ({ header }) => ({ header: { ...header, liveCount: 1 } }))],
  ] as const)("[NW-2] is refused: %s", (fault, lies) => {
    const { state, faults } = feed(start(chain), lies, { newest: 6 });
    expect(faults).toEqual([fault]);
    expect(state.linked).toEqual([]);
    expect(state.trusted.header.height).toBe(0);
  });

  it("[NW-7] may be one without outputs; then they are checked when they are fetched", () => {
    const bare = items.map((item) => ({ ...item, outputs: undefined }));
    expect(feed(start(chain), bare).blocks).toHaveLength(6);
  });

  it("may leave out payloads, which nodes drop in time (5.5)", () => {
    const bare = items.map((item) => ({
      ...item,
      outputs: item.outputs!.map(({ core }) => ({ core, payload: undefined })),
    }));
    expect(feed(start(chain), bare).blocks).toHaveLength(6);
  });
});

describe("time", () => {
  const chain = chainOf(3);
  const items = chain.items.slice(1);

  it("[LC-1] refuses trust older than trusting_ms and headers further ahead than HEADER_AHEAD_MS_MAX", () => {
    const parent = chain.items[0]!.header.time;
    const lastMoment = timeMs(parent + params.trustingMs - 1);
    expect(feed(start(chain), items.slice(0, 1), { nowMs: lastMoment }).faults).toEqual([]);
    expect(feed(start(chain), items.slice(0, 1), { nowMs: timeMs(lastMoment + 1) }).faults).toEqual(["stale"]);
    const early = timeMs(items[0]!.header.time - HEADER_AHEAD_MS_MAX);
    expect(feed(start(chain), items.slice(0, 1), { nowMs: early }).faults).toEqual([]);
    expect(feed(start(chain), items.slice(0, 1), { nowMs: timeMs(early - 1) }).faults).toEqual(["ahead"]);
  });

  it("[LC-1] a clock that is behind costs the newest blocks, not those before them", () => {
    const behind = timeMs(chain.tip.time - HEADER_AHEAD_MS_MAX - 1);
    const fed = feed(start(chain), items, { nowMs: behind, newest: 9 });
    expect(fed.faults).toEqual(["ahead"]);
    expect(fed.state.trusted.header.height).toBe(2);
    expect(fed.state.linked).toEqual([]);
  });

  it("[LC-4] old trust reaches a fresh checkpoint by its id, and only by its id", () => {
    const late = timeMs(chain.tip.time + params.trustingMs * 3);
    const confirmAt = chain.checkpoint(2);
    const open = { ...start(chain), confirmAt };
    const reached = feed(open, items.slice(0, 2), { nowMs: late, newest: 9 });
    expect(reached.blocks).toHaveLength(2);
    expect(reached.state.confirmAt).toBeUndefined();
    const wrong = { ...open, confirmAt: { ...confirmAt, blockId: chain.checkpoint(1).blockId } };
    expect(feed(wrong, items.slice(0, 2), { nowMs: late, newest: 9 }).faults).toEqual(["wrong_checkpoint"]);
    expect(feed(open, items, { nowMs: late, newest: 9 }).faults).toEqual(["stale"]);
  });

  it("[LC-4] starts at a checkpoint's own header with the set it announces, and at nothing else", () => {
    const item = chain.headerItem(0);
    expect(startAtCheckpoint(chain.checkpoint(0), CHAIN_ID, 1000, item)).toBeDefined();
    expect(startAtCheckpoint(chain.checkpoint(1), CHAIN_ID, 1000, item)).toBeUndefined();
    expect(startAtCheckpoint(chain.checkpoint(0), 1001, 1000, item)).toBeUndefined();
    expect(
      startAtCheckpoint(chain.checkpoint(0), CHAIN_ID, 1000, { ...item, nextValidators: undefined }),
    ).toBeUndefined();
    const others = testValidators(fakeBls, [1]).set;
    expect(startAtCheckpoint(chain.checkpoint(0), CHAIN_ID, 1000, { ...item, nextValidators: others })).toBeUndefined();
    expect(startAtCheckpoint(chain.checkpoint(1), CHAIN_ID, 1000, chain.headerItem(1))).toBeUndefined();
  });
});
