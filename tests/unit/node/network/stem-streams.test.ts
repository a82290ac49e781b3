import { afterEach, describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { encodeTransaction, transactionId, type Transaction } from "../../../../src/core/chain/transaction.ts";
import type { TransactionVerdict } from "../../../../src/core/machines/full-node-events.ts";
import { createNodeHost } from "../../../../src/net/host/create-node-host.ts";
import { generateIdentity } from "../../../../src/net/host/identity.ts";
import { BUSY_AGAIN_MS, BUSY_LOOKS_MAX, StemStreams } from "../../../../src/node/network/stem-streams.ts";
import {
  STEM_JUDGING_PER_STREAM_MAX,
  STEM_STREAMS_PER_PEER_MAX,
  STEM_WAITING_MAX,
  STEM_WAITING_PER_STREAM_MAX,
  TX_FRAME_BYTES_MAX,
} from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodeStemFrame, encodeStemFrame } from "../../../../src/wire/requests/stem.ts";
import { transactionArb } from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";
import { FakeNetwork, type FakeNodePort } from "../../../support/fake-network.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";
import { eventually } from "../../../support/eventually.ts";

codecContract("stem frame", { encode: encodeStemFrame, decode: decodeStemFrame, arbitrary: transactionArb });

const builder = new LedgerBuilder({ label: "stem streams" });
const transactions = Array.from({ length: 3 }, () => builder.transfer(builder.take(1)).transaction);
const [transaction] = transactions as [Transaction, ...Transaction[]];
const txid = formatHex(transactionId(transaction));

const BUSY: TransactionVerdict = { ok: false, txid: transactionId(transaction), policy: "busy" };

/** A node's side of protocol `stem`, with all that it was told. */
class StemNode {
  readonly told: string[] = [];
  readonly received: Transaction[] = [];
  verdict: TransactionVerdict = { ok: true, txid: transactionId(transaction) };
  /** Given before it, one after the other. */
  readonly verdicts: TransactionVerdict[] = [];
  /** Judging waits for it. */
  gate: Promise<void> = Promise.resolve();
  readonly streams: StemStreams;
  readonly network: FakeNodePort;

  constructor(network: FakeNodePort) {
    this.network = network;
    this.streams = new StemStreams(
      network,
      {
        received: async (peer, each) => {
          this.received.push(each);
          this.told.push(`received ${peer}`);
          await this.gate;
          return this.verdicts.shift() ?? this.verdict;
        },
        found: (peer) => this.told.push(`found ${peer}`),
        lost: (peer) => this.told.push(`lost ${peer}`),
        unsent: (peer, each) => this.told.push(`unsent ${peer} ${each}`),
        malformed: (peer) => this.told.push(`malformed ${peer}`),
        rejected: (peer) => this.told.push(`rejected ${peer}`),
      },
      (ms) => this.#wait(ms),
    );
  }

  /** How long it wanted to wait, each time. */
  readonly waits: number[] = [];
  readonly #ends: (() => void)[] = [];

  #wait(ms: number): Promise<void> {
    this.waits.push(ms);
    return new Promise((resolve) => this.#ends.push(resolve));
  }

  /** Ends the waits of so many transactions, as soon as they wait. */
  async looksAgain(count = 1): Promise<void> {
    await eventually(() => expect(this.#ends).toHaveLength(count));
    for (const end of this.#ends.splice(0)) end();
  }

  hears(what: string, count = 1): Promise<void> {
    return eventually(() => expect(this.told.filter((each) => each === what)).toHaveLength(count));
  }
}

interface Place {
  readonly name: string;
  readonly join: () => Promise<FakeNodePort>;
}

const fake = new FakeNetwork();
let fakeCount = 0;
const PLACES: readonly Place[] = [
  { name: "a fake network", join: () => Promise.resolve(fake.join(`node${fakeCount++}`)) },
  {
    name: "libp2p over TCP",
    join: async () =>
      createNodeHost({ chainId: 1000, identity: await generateIdentity(), listen: ["/ip4/127.0.0.1/tcp/0"] }),
  },
];

describe.each(PLACES)("stem streams over $name", ({ join }) => {
  const ports: FakeNodePort[] = [];
  const nodes: StemNode[] = [];
  afterEach(async () => {
    for (const { streams } of nodes.splice(0)) streams.stop();
    await Promise.all(ports.splice(0).map((port) => port.stop()));
  });

  const open = async (): Promise<FakeNodePort> => {
    const port = await join();
    ports.push(port);
    return port;
  };
  const openNode = async (): Promise<StemNode> => {
    const node = new StemNode(await open());
    nodes.push(node);
    await node.streams.start();
    return node;
  };
  const connect = (from: FakeNodePort, to: FakeNodePort): Promise<unknown> => from.dial(to.addresses()[0]!, 30_000);

  const meet = async (left: StemNode, right: StemNode): Promise<void> => {
    await connect(left.network, right.network);
    await left.hears(`found ${right.network.self}`);
  };

  it("[NW-4] two nodes find each other, pass transactions on and lose each other", async () => {
    const [left, right] = [await openNode(), await openNode()];
    await connect(left.network, right.network);
    await left.hears(`found ${right.network.self}`);
    await right.hears(`found ${left.network.self}`);
    for (const each of transactions) left.streams.send(right.network.self, txid, each);
    await right.hears(`received ${left.network.self}`, transactions.length);
    expect(right.received).toEqual(transactions);
    right.streams.send(left.network.self, txid, transaction);
    await left.hears(`received ${right.network.self}`);

    await left.network.hangUp(right.network.self);
    await left.hears(`lost ${right.network.self}`);
    await right.hears(`lost ${left.network.self}`);
    await eventually(() => expect([...left.network.peers(), ...right.network.peers()]).toEqual([]));
    left.streams.send(right.network.self, txid, transaction);
    await left.hears(`unsent ${right.network.self} ${txid}`);
    await connect(right.network, left.network);
    await left.hears(`found ${right.network.self}`, 2);
  });

  it("[NW-4] a peer that serves no stem is not found, and gets nothing", async () => {
    const node = await openNode();
    const client = await open();
    await connect(client, node.network);
    await new Promise((resolve) => setTimeout(resolve, 50));
    node.streams.send(client.self, txid, transaction);
    expect(node.told).toEqual([`unsent ${client.self} ${txid}`]);
  });

  it("[NW-4] a peer that serves stem only a little later is found", async () => {
    const node = await openNode();
    const late = new StemNode(await open());
    nodes.push(late);
    await connect(late.network, node.network);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await late.streams.start();
    await late.hears(`found ${node.network.self}`);
    await node.hears(`found ${late.network.self}`);
  });

  it("[EN-4] bytes that are no transaction cost a peer its stream, and are told of", async () => {
    const node = await openNode();
    const bent = encodeTransaction(transaction);
    for (const frame of [Uint8Array.of(1, ...bent, 0), Uint8Array.of(2, ...bent), Uint8Array.of(1)]) {
      const rude = await open();
      await connect(rude, node.network);
      const stream = await rude.openStream(node.network.self, PROTOCOL.stem.name, PROTOCOL.stem.asked);
      await stream.send(frame);
      await node.hears(`malformed ${rude.self}`);
    }
    expect(node.received).toEqual([]);
  });

  it("[NW-4] what is wrong everywhere is told of its sender, what is refused here is not", async () => {
    const [left, right] = [await openNode(), await openNode()];
    await connect(left.network, right.network);
    await left.hears(`found ${right.network.self}`);
    right.verdicts.push({ ok: false, txid: transactionId(transaction), policy: "not_now" });
    right.verdict = { ok: false, txid: transactionId(transaction), rule: "TX-3" };
    left.streams.send(right.network.self, txid, transaction);
    left.streams.send(right.network.self, txid, transaction);
    await right.hears(`received ${left.network.self}`, 2);
    await right.hears(`rejected ${left.network.self}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(right.told.filter((each) => each.startsWith("rejected"))).toHaveLength(1);
  });

  it.each(["already_known", "conflicting", "pool_full", "not_now"] as const)(
    "[NW-4] what is %s is not looked at again",
    async (policy) => {
      const [left, right] = [await openNode(), await openNode()];
      await meet(left, right);
      right.verdicts.push({ ok: false, txid: transactionId(transaction), policy }, BUSY);
      left.streams.send(right.network.self, txid, transaction);
      left.streams.send(right.network.self, txid, transaction);
      // The second one waits, so the first one has had its verdict.
      await eventually(() => expect(right.waits).toHaveLength(1));
      expect(right.received).toHaveLength(2);
    },
  );

  it("[NW-4] what a node has no room for is looked at again until it has, and not for ever", async () => {
    const [left, right] = [await openNode(), await openNode()];
    await meet(left, right);
    const received = `received ${left.network.self}`;
    right.verdicts.push(BUSY, BUSY);
    left.streams.send(right.network.self, txid, transaction);
    for (let looks = 1; looks < 3; looks++) {
      await right.hears(received, looks);
      await right.looksAgain();
    }
    await right.hears(received, 3);
    right.verdict = BUSY;
    left.streams.send(right.network.self, txid, transaction);
    for (let looks = 1; looks < BUSY_LOOKS_MAX; looks++) {
      await right.hears(received, 3 + looks);
      await right.looksAgain();
    }
    await right.hears(received, 3 + BUSY_LOOKS_MAX);
    // Nothing of it waits any more.
    right.verdicts.push(BUSY);
    left.streams.send(right.network.self, txid, transaction);
    await right.looksAgain();
    await right.hears(received, 5 + BUSY_LOOKS_MAX);
    expect(new Set(right.waits)).toEqual(new Set([BUSY_AGAIN_MS]));
    expect(right.told).not.toContain(`rejected ${left.network.self}`);
  });

  it("[NW-4] what waits for room and is wrong is told of its sender", async () => {
    const [left, right] = [await openNode(), await openNode()];
    await meet(left, right);
    right.verdicts.push(BUSY);
    right.verdict = { ok: false, txid: transactionId(transaction), rule: "TX-3" };
    left.streams.send(right.network.self, txid, transaction);
    await right.looksAgain();
    await right.hears(`rejected ${left.network.self}`);
  });

  it("[NW-4] nobody looks again at what a peer sent that is gone, nor when the node has stopped", async () => {
    const [left, right] = [await openNode(), await openNode()];
    await meet(left, right);
    right.verdict = BUSY;
    left.streams.send(right.network.self, txid, transaction);
    await right.hears(`received ${left.network.self}`);
    await right.hears(`found ${left.network.self}`);
    await left.network.hangUp(right.network.self);
    await right.hears(`lost ${left.network.self}`);
    await eventually(() => expect(right.network.peers()).toEqual([]));
    // That no peer is there is said before its streams have ended.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await right.looksAgain();
    const late = await openNode();
    await meet(late, right);
    late.streams.send(right.network.self, txid, transaction);
    await right.hears(`received ${late.network.self}`);
    right.streams.stop();
    await right.looksAgain();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(right.received).toHaveLength(2);
  });

  it("STEM_WAITING_PER_STREAM_MAX and STEM_WAITING_MAX: so many of one stream and in all wait, and what comes behind is looked at", async () => {
    const right = await openNode();
    right.verdict = BUSY;
    const sent = STEM_WAITING_PER_STREAM_MAX + 9;
    const streams = STEM_WAITING_MAX / STEM_WAITING_PER_STREAM_MAX;
    const lefts: StemNode[] = [];
    const flood = async (left: StemNode, rounds: number): Promise<void> => {
      for (let index = 0; index < sent; index++) left.streams.send(right.network.self, txid, transaction);
      await right.hears(`received ${left.network.self}`, rounds);
    };
    // One stream more than can have all that they want.
    for (let count = 1; count <= streams + 1; count++) {
      const left = await openNode();
      lefts.push(left);
      await meet(left, right);
      await flood(left, sent);
      const waiting = Math.min(count * STEM_WAITING_PER_STREAM_MAX, STEM_WAITING_MAX);
      await eventually(() => expect(right.waits).toHaveLength(waiting));
    }
    right.verdict = { ok: true, txid: transactionId(transaction) };
    await right.looksAgain(STEM_WAITING_MAX);
    await eventually(() => expect(right.received).toHaveLength((streams + 1) * sent + STEM_WAITING_MAX));
    // Their places are free again, and all are for others.
    right.verdict = BUSY;
    await flood(lefts[0]!, 2 * sent + STEM_WAITING_PER_STREAM_MAX);
    await eventually(() => expect(right.waits).toHaveLength(STEM_WAITING_MAX + STEM_WAITING_PER_STREAM_MAX));
  });

  it("[NW-1] STEM_JUDGING_PER_STREAM_MAX: no more of a peer's transactions are judged at a time", async () => {
    const [left, right] = [await openNode(), await openNode()];
    await connect(left.network, right.network);
    await left.hears(`found ${right.network.self}`);
    let letGo = (): void => undefined;
    right.gate = new Promise((resolve) => (letGo = resolve));
    for (let index = 0; index < STEM_JUDGING_PER_STREAM_MAX + 5; index++) {
      left.streams.send(right.network.self, txid, transaction);
    }
    await right.hears(`received ${left.network.self}`, STEM_JUDGING_PER_STREAM_MAX);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(right.received).toHaveLength(STEM_JUDGING_PER_STREAM_MAX);
    letGo();
    await right.hears(`received ${left.network.self}`, STEM_JUDGING_PER_STREAM_MAX + 5);
  });
});

describe("limits of protocol stem", () => {
  it("TX_FRAME_BYTES_MAX and STEM_STREAMS_PER_PEER_MAX bound what a node takes", () => {
    expect(PROTOCOL.stem.served.frameBytesMax).toBe(TX_FRAME_BYTES_MAX);
    expect(PROTOCOL.stem.served.streamsPerPeerMax).toBe(STEM_STREAMS_PER_PEER_MAX);
    const over = new Uint8Array(TX_FRAME_BYTES_MAX + 1).fill(1);
    expect(() => decodeStemFrame(over)).toThrow(`frame of ${over.length} bytes`);
    expect(() => decodeStemFrame(over.subarray(1))).not.toThrow(`frame of ${over.length - 1} bytes`);
  });
});
