import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { devOwnerSeed, devValidatorSeed } from "../../../../src/core/chain/dev-seeds.ts";
import type { FrameStream, NetworkPort, StreamLimits } from "../../../../src/core/ports/network-port.ts";
import { ACCOUNT_STATUS, type ValidatorAccount } from "../../../../src/core/state/aux-records.ts";
import { amount, MICRO_PER_STG } from "../../../../src/core/values/amount.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodeSnapRequest } from "../../../../src/wire/requests/snap.ts";
import { isEndFrame } from "../../../../src/wire/frame.ts";
import { eventually } from "../../../support/eventually.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { openLedgerClient } from "../../../support/ledger-client.ts";
import { LedgerNode, type LoggedRequest } from "../../../support/ledger-node.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { accountAt, withAccount } from "../../../support/stake-ledger.ts";

const EPOCH_MS = 20_000;
/** So many that their records are more than SNAP_ANSWER_BYTES_MAX. */
const KEYS = 22_000;
const own = devValidatorSeed(0);
let closers: (() => Promise<void>)[] = [];
let hosts = 0;

afterEach(async () => {
  for (const close of closers) await close();
  closers = [];
});

type Lie = (protocol: string, frame: Uint8Array) => Uint8Array;

/** What this host sends is changed on its way. */
function lying(port: NetworkPort, lie: Lie): NetworkPort {
  return Object.assign(Object.create(port) as NetworkPort, {
    serve: (protocol: string, limits: StreamLimits, handler: (stream: FrameStream) => Promise<void>) =>
      port.serve(protocol, limits, (stream) =>
        handler({
          peer: stream.peer,
          closed: stream.closed,
          frames: () => stream.frames(),
          close: () => stream.close(),
          abort: (reason: string) => stream.abort(reason),
          send: (frame: Uint8Array) => stream.send(isEndFrame(frame) ? frame : lie(protocol, frame)),
        }),
      ),
  });
}

interface Options {
  readonly seed?: Uint8Array;
  readonly lies?: readonly Lie[];
  readonly weekEpochs?: number;
  /** What of other keys has become another. */
  readonly others?: (builder: LedgerBuilder) => void;
}

/** A chain of five validators on which the record of one has become another, and the owner of its stake. */
async function open(change: Partial<ValidatorAccount>, options: Options = {}) {
  const builder = new LedgerBuilder({
    label: "standing",
    validatorCount: 5,
    params: { weekEpochs: options.weekEpochs ?? 50, epochMs: EPOCH_MS },
  });
  const node = await LedgerNode.open(builder, new MemoryStore());
  await node.extend();
  withAccount(builder, own, change);
  options.others?.(builder);
  // Out of the set at the first; its vote for that block is seen in the second epoch, and none in the third.
  for (let boundary = 0; boundary < 3; boundary++) await toBoundary(node);
  const network = new FakeNetwork();
  const lies = options.lies ?? [(_protocol: string, frame: Uint8Array) => frame];
  const requests: (readonly LoggedRequest[])[] = [];
  for (const [index, lie] of lies.entries()) {
    requests.push(await node.serve(lying(network.join(`node-${index}`), lie)));
  }
  const nodes = lies.map((_, index) => ({ operator: `node-${index}`, addresses: [`/fake/node-${index}`] }));
  const opened = await openLedgerClient({
    // Late enough for another epoch not to lie ahead, and not too late to begin at the genesis (LC-4).
    startMs: builder.tip.header.time + 40_000,
    networkFile: node.networkFile(nodes),
    openHost: () => Promise.resolve(network.join(`client ${hosts++}`)),
    seed: options.seed ?? devOwnerSeed(0),
    isRestored: true,
  });
  closers.push(opened.close);
  const { client } = opened;
  await eventually(async () => {
    const [sync, restore] = [await client.views.sync(), await client.views.restore()];
    expect([sync.state, sync.height, restore]).toEqual(["live", builder.tip.header.height, undefined]);
  });
  const snaps = () => requests.flat().filter(({ protocol }) => protocol === PROTOCOL.snap.name);
  return { node, builder, client, snaps };
}

async function toBoundary(node: LedgerNode): Promise<void> {
  do await node.extend([], EPOCH_MS / 2);
  while (!node.builder.tip.header.isEpochEnd);
}

describe("where the validators of a wallet's stakes stand", () => {
  it("[CO-18] [ST-3] a jailed one is called so, and since about when it is silent", async () => {
    const { client, builder } = await open({ status: "jailed" });
    const [stake] = await client.views.stakes();
    const { header } = builder.tip;
    expect(stake).toMatchObject({ validatorKey: formatHex(builder.deps.bls.publicKey(own)), isValidating: false });
    expect(await client.stakes.validators()).toEqual({
      ok: true,
      validators: [
        {
          validatorKey: stake!.validatorKey,
          status: "jailed",
          lastSignedMs: header.time - EPOCH_MS,
          accrued: accountAt(builder, own)!.balance,
          asOfMs: header.time,
        },
      ],
      accrued: expect.anything() as unknown,
    });
  });

  it.each([
    ["ok", "active"],
    ["removed", "removed"],
  ] as const)("[CO-18] a record of status %s is shown as %s", async (status, shown) => {
    const { client } = await open({ status });
    expect(await client.stakes.validators()).toMatchObject({
      ok: true,
      validators: [{ status: shown, lastSignedMs: undefined }],
    });
  });

  it("[NW-9] asks for the records of all, as somebody else, once in an epoch", async () => {
    const { client, node, builder, snaps } = await open({ status: "jailed" });
    const first = await client.stakes.validators();
    expect(await client.stakes.validators()).toEqual(first);
    const known = builder.tip.header.height;
    expect(snaps().map(({ frame }) => decodeSnapRequest(frame))).toEqual([{ boundary: known, fromTile: 1 }]);
    await node.extend();
    const unjail = { transaction: builder.unjail(own), makes: [] };
    await node.extend([unjail]);
    await toBoundary(node);
    await eventually(async () => expect((await client.stakes.validators()).ok).toBe(true));
    await eventually(async () => {
      expect(await client.stakes.validators()).toMatchObject({ validators: [{ status: "active" }] });
    });
    expect(new Set(snaps().map(({ peer }) => peer)).size).toBe(snaps().length);
  });

  it("[CO-18] believes no node: what the header does not commit to is asked of the next one", async () => {
    const bls = new LedgerBuilder({ label: "standing", validatorCount: 5 }).deps.bls;
    const key = formatHex(bls.publicKey(own));
    const pardon: Lie = (protocol, frame) => {
      const place = protocol === PROTOCOL.snap.name ? formatHex(frame).indexOf(key) / 2 + 48 : -1;
      return place < 0 ? frame : frame.map((byte, index) => (index === place ? ACCOUNT_STATUS.indexOf("ok") : byte));
    };
    const honest: Lie = (_protocol, frame) => frame;
    for (let attempt = 0; attempt < 3; attempt++) {
      const { client } = await open({ status: "jailed" }, { lies: [pardon, honest] });
      expect(await client.stakes.validators()).toMatchObject({ ok: true, validators: [{ status: "jailed" }] });
    }
    const { client, snaps } = await open({ status: "jailed" }, { lies: [pardon] });
    expect(await client.stakes.validators()).toEqual({ ok: false, code: "offline" });
    expect(snaps()).toHaveLength(1);
  });

  it("[BL-12] reads records that are more than one answer holds", async () => {
    const crowd = (builder: LedgerBuilder): void => {
      const { aux } = builder.tip;
      const strangers = Array.from({ length: KEYS }, (_, index): ValidatorAccount => {
        const blsKey = new Uint8Array(48).with(1, index >> 8).with(2, index & 0xff);
        return { ...aux.accounts[0]!, blsKey, status: "removed" };
      });
      builder.tip = { ...builder.tip, aux: { ...aux, accounts: [...strangers, ...aux.accounts] } };
    };
    const { client, snaps } = await open({ status: "jailed" }, { others: crowd });
    expect(await client.stakes.validators()).toMatchObject({ ok: true, validators: [{ status: "jailed" }] });
    const [first, ...rest] = snaps().map(({ frame }) => decodeSnapRequest(frame).fromTile);
    expect(rest.length).toBeGreaterThan(0);
    expect(rest.every((place, index) => place > [first, ...rest][index]!)).toBe(true);
    expect(new Set(snaps().map(({ peer }) => peer)).size).toBe(1);
  });

  it("without a stake nobody is asked", async () => {
    const { client, snaps } = await open({ status: "jailed" }, { seed: new Uint8Array(32).fill(42) });
    expect(await client.stakes.validators()).toEqual({ ok: true, validators: [], accrued: undefined });
    expect(snaps()).toEqual([]);
  });
});

describe("what the validators of a wallet owe it", () => {
  it("[RW-2] [CO-18] is the balance of each record with its address, and what the end of the week pays", async () => {
    const { client, builder, node } = await open({ status: "jailed" }, { weekEpochs: 4 });
    const { header } = builder.tip;
    const { balance } = accountAt(builder, own)!;
    expect(balance).toBeGreaterThan(MICRO_PER_STG);
    expect(await client.stakes.validators()).toMatchObject({
      validators: [{ accrued: balance }],
      accrued: { amount: balance, due: balance, payoutMs: header.time + EPOCH_MS, asOfMs: header.time },
    });
    expect((await client.views.staking())?.earned).toBe(0n);
    // A jailed key earns nothing, so what was said is what comes.
    await toBoundary(node);
    await eventually(async () => expect((await client.views.staking())?.earned).toBe(balance));
    await eventually(async () => {
      expect(await client.stakes.validators()).toMatchObject({
        validators: [{ accrued: 0n }],
        accrued: { amount: 0n, due: 0n, payoutMs: builder.tip.header.time + 4 * EPOCH_MS },
      });
    });
  });

  it("[RW-2] below 1 STG is owed, and not due", async () => {
    const balance = amount(MICRO_PER_STG - 1n);
    const { client, builder, node } = await open({ status: "jailed" });
    withAccount(builder, own, { balance });
    await toBoundary(node);
    await eventually(async () => {
      expect(await client.stakes.validators()).toMatchObject({ accrued: { amount: balance, due: 0n } });
    });
  });

  it("[CO-18] is nothing where the oldest stake is another's: who earns it is paid it", async () => {
    const others = (builder: LedgerBuilder) =>
      withAccount(builder, own, { reward: accountAt(builder, devValidatorSeed(1))!.reward });
    const { client } = await open({}, { others });
    expect(await client.stakes.validators()).toMatchObject({
      validators: [{ status: "active", accrued: undefined }],
      accrued: { amount: 0n, due: 0n },
    });
  });

  it("[CO-18] is told also of a key without a stake of this wallet, as after a withdrawal", async () => {
    const left = devValidatorSeed(1);
    const others = (builder: LedgerBuilder) =>
      withAccount(builder, left, { reward: accountAt(builder, own)!.reward, status: "jailed" });
    const { client, builder } = await open({ status: "jailed" }, { others });
    const owing = [own, left].map((seed) => accountAt(builder, seed)!);
    const answer = await client.stakes.validators();
    expect(answer).toMatchObject({
      validators: owing.map(({ blsKey, balance }) => {
        return { validatorKey: formatHex(blsKey), accrued: balance };
      }),
      accrued: { amount: owing.reduce((sum, { balance }) => sum + balance, 0n) },
    });
  });
});
