import { describe, expect, it } from "vitest";
import { AppendMap } from "../../../../src/core/values/append-map.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { transactionId, type Transaction } from "../../../../src/core/chain/transaction.ts";
import type { FullNodeEffect, TransactionSource } from "../../../../src/core/machines/full-node-events.ts";
import { STEM_BYTES_MAX, STEM_TRANSACTIONS_MAX } from "../../../../src/core/mempool/stem-pool.ts";
import { EMBARGO_MS_MIN, isFluffHere, STEM_EPOCH_MS } from "../../../../src/core/mempool/stem-route.ts";
import { nextHeight } from "../../../../src/core/state/ledger-tip.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import type { TestTransfer } from "../../../support/ledger-builder.ts";
import { ofType, WatchedNode } from "../../../support/watched-node.ts";

const STEM_PEERS = ["left", "right", "far"];

function nodeWithPeers(options: ConstructorParameters<typeof WatchedNode>[0] = {}, peers = STEM_PEERS): WatchedNode {
  const node = new WatchedNode(options);
  for (const peer of peers) node.post({ type: "stem-peer-found", now: node.now, peer, isDialled: true });
  return node;
}

/** Comes in over this way, its proofs are found good, and everything that follows from it is given back. */
function hand(node: WatchedNode, transaction: Transaction, source: TransactionSource, reply = 1) {
  const effects = node.post({ type: "transaction-received", now: node.now, transaction, reply, source });
  return [...effects, ...ofType(effects, "verify-proofs").flatMap((asked) => verify(node, asked))];
}

function verify(node: WatchedNode, { job }: Extract<FullNodeEffect, { type: "verify-proofs" }>) {
  return node.post({ type: "proofs-verified", now: node.now, job, good: job.proofs.map(() => true) });
}

/** A transfer which this node would make public by chance, or would not, if a peer passed it on. */
function drawn(node: WatchedNode, isFluff: boolean): Transaction {
  const notes = node.builder.take(1);
  for (let amount = 1n; ; amount++) {
    const { transaction } = node.builder.transfer(notes, [0n, amount]);
    if (isFluffHere(node.deps.stemSecret, transactionId(transaction)) === isFluff) return transaction;
  }
}

const sent = (effects: readonly FullNodeEffect[]) => ofType(effects, "send-stem").map(({ peer }) => peer);
const published = (effects: readonly FullNodeEffect[]) => ofType(effects, "publish-transaction").length;
const verdicts = (effects: readonly FullNodeEffect[]) =>
  ofType(effects, "reply-transaction").map((each) => each.verdict);
const isHeld = (node: WatchedNode, transaction: Transaction) =>
  node.state.stemPool.ways.has(formatHex(transactionId(transaction)));
const isPublic = (node: WatchedNode, transaction: Transaction) =>
  node.state.mempool.entries.has(formatHex(transactionId(transaction)));

/** The embargo timer that these effects have set fires. */
function endEmbargo(node: WatchedNode, effects: readonly FullNodeEffect[]): readonly FullNodeEffect[] {
  const [timer] = ofType(effects, "arm-timer").filter(({ timer: { kind } }) => kind === "embargo");
  node.now = timer!.at;
  return node.post({ type: "timer-fired", now: node.now, timer: timer!.timer });
}

function finish(node: WatchedNode, transfers: readonly TestTransfer[]): readonly FullNodeEffect[] {
  const block = node.builder.build(transfers.map(({ transaction }) => transaction));
  const outcome = node.builder.execute(block);
  if (!outcome.ok) throw new Error(outcome.rule);
  const blocks = [{ block, certificate: node.builder.commit(outcome) }];
  node.post({ type: "status-received", now: node.now, peer: "friend", height: height(9) });
  return node.judge(node.post({ type: "blocks-fetched", now: node.now, peer: "friend", blocks }));
}

describe("what a client hands in", () => {
  it("[NW-4] enters the stem: one peer gets it, and nobody else hears of it", () => {
    const node = nodeWithPeers();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const effects = hand(node, transaction, "client");
    expect(verdicts(effects)).toEqual([{ ok: true, txid: transactionId(transaction) }]);
    expect(sent(effects)).toHaveLength(1);
    expect(published(effects)).toBe(0);
    expect(ofType(effects, "pool-changed")).toEqual([]);
    expect(isHeld(node, transaction)).toBe(true);
    expect(isPublic(node, transaction)).toBe(false);
    expect(node.state.transactionsSince).toBe(undefined);
  });

  it("[NW-4] is not made public here by chance, whatever is drawn", () => {
    const node = nodeWithPeers();
    for (let index = 0; index < 2; index++) {
      const effects = hand(node, drawn(node, true), "client");
      expect(sent(effects)).toHaveLength(1);
      expect(published(effects)).toBe(0);
    }
  });

  it("[NW-4] is made public at once where no peer serves stem", () => {
    const node = nodeWithPeers({}, []);
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const effects = hand(node, transaction, "client");
    expect(published(effects)).toBe(1);
    expect(isPublic(node, transaction)).toBe(true);
  });

  it("[NW-4] goes the same way for a whole epoch, also after others have come, and may change after it", () => {
    const node = nodeWithPeers({}, ["a", "b", "c", "d", "e", "f"]);
    const begun = node.now;
    const hop = () => sent(hand(node, node.builder.transfer(node.builder.take(1)).transaction, "client"))[0]!;
    const first = hop();
    node.post({ type: "stem-peer-found", now: node.now, peer: "newcomer", isDialled: true });
    node.now = timeMs(begun + STEM_EPOCH_MS - 1);
    expect(hop()).toBe(first);
    const later = new Set<string>();
    for (let epoch = 1; epoch <= 6; epoch++) {
      node.now = timeMs(begun + epoch * STEM_EPOCH_MS);
      later.add(hop());
    }
    expect(later.size).toBeGreaterThan(1);
  });

  it("[NW-4] goes to no peer that is still catching up, while there is another", () => {
    const node = nodeWithPeers({}, ["left", "right"]);
    const hop = () => sent(hand(node, node.builder.transfer(node.builder.take(1)).transaction, "client"))[0]!;
    const first = hop();
    const other = first === "left" ? "right" : "left";
    const showing = (shown: number): void => {
      const { tip } = node.state;
      const ahead = { ...tip, header: { ...tip.header, height: height(9) } };
      node.state = { ...node.state, tip: ahead, peers: new Map([[first, height(shown)]]) };
    };
    // What a peer has shown is always a little old.
    showing(5);
    expect(hop()).toBe(first);
    showing(4);
    expect(hop()).toBe(other);
    showing(9);
    expect(hop()).toBe(first);
  });

  it("[NW-4] handed in twice goes out once and is taken twice", () => {
    const node = nodeWithPeers();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const first = node.post({ type: "transaction-received", now: node.now, transaction, reply: 1, source: "client" });
    expect(hand(node, transaction, "client", 2)).toEqual([]);
    const effects = verify(node, ofType(first, "verify-proofs")[0]!);
    expect(sent(effects)).toHaveLength(1);
    expect(ofType(effects, "reply-transaction").map(({ reply, verdict }) => [reply, verdict.ok])).toEqual([
      [1, true],
      [2, true],
    ]);
    const again = hand(node, transaction, "client", 3);
    expect(verdicts(again)).toEqual([{ ok: true, txid: transactionId(transaction) }]);
    expect(again).toHaveLength(1);
  });

  it("[NW-4] waits for its proofs before anybody gets it", () => {
    const node = nodeWithPeers();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const first = node.post({ type: "transaction-received", now: node.now, transaction, reply: 1, source: "client" });
    const { job } = ofType(first, "verify-proofs")[0]!;
    const effects = node.post({ type: "proofs-verified", now: node.now, job, good: [true, false] });
    expect(verdicts(effects)).toMatchObject([{ ok: false, rule: "TX-3" }]);
    expect(sent(effects)).toEqual([]);
    expect(isHeld(node, transaction)).toBe(false);
  });

  it("STEM_TRANSACTIONS_MAX and STEM_BYTES_MAX: a full stem pool takes no more, it does not publish instead", () => {
    for (const held of [{ bytes: STEM_BYTES_MAX }, { entries: STEM_TRANSACTIONS_MAX }]) {
      const node = nodeWithPeers();
      hand(node, node.builder.transfer(node.builder.take(1)).transaction, "client");
      const { stemPool } = node.state;
      const [entry] = stemPool.held.entries.values();
      const entries = Array.from({ length: held.entries ?? 1 }, (_, index) => [`held ${index}`, entry!] as const);
      const full = { ...stemPool.held, entries: AppendMap.of(entries), bytes: held.bytes ?? 0 };
      node.state = { ...node.state, stemPool: { ...stemPool, held: full } };
      const effects = hand(node, node.builder.transfer(node.builder.take(1)).transaction, "client");
      expect(verdicts(effects)).toMatchObject([{ ok: false, policy: "pool_full" }]);
      expect([...sent(effects), published(effects)]).toEqual([0]);
    }
  });
});

describe("what a peer passes on in its stem", () => {
  it("[NW-4] is passed on, never back, or made public, as chance has it", () => {
    const node = nodeWithPeers({}, ["left", "right"]);
    const relayed = hand(node, drawn(node, false), { peer: "left" });
    expect(sent(relayed)).toEqual(["right"]);
    expect(published(relayed)).toBe(0);
    const ended = hand(node, drawn(node, true), { peer: "left" });
    expect(sent(ended)).toEqual([]);
    expect(published(ended)).toBe(1);
  });

  it("[NW-4] is made public where it cannot but go back", () => {
    const node = nodeWithPeers({}, ["left"]);
    const effects = hand(node, drawn(node, false), { peer: "left" });
    expect(sent(effects)).toEqual([]);
    expect(published(effects)).toBe(1);
  });

  it("[NW-4] is made public at once when it has gone round", () => {
    const node = nodeWithPeers();
    const transaction = drawn(node, false);
    hand(node, transaction, "client");
    const effects = hand(node, transaction, { peer: "far" });
    expect(published(effects)).toBe(1);
    expect(ofType(effects, "pool-changed")).toHaveLength(1);
    expect([isHeld(node, transaction), isPublic(node, transaction)]).toEqual([false, true]);
    // And it is old news after that.
    expect(verdicts(hand(node, transaction, { peer: "far" }))).toMatchObject([{ policy: "already_known" }]);
  });

  it("[NW-4] has gone round, too, when it comes a second time while its proofs are being verified", () => {
    const node = nodeWithPeers();
    const transaction = drawn(node, false);
    const first = node.post({ type: "transaction-received", now: node.now, transaction, reply: 1, source: "client" });
    expect(hand(node, transaction, { peer: "far" }, 2)).toEqual([]);
    const effects = verify(node, ofType(first, "verify-proofs")[0]!);
    expect([sent(effects).length, published(effects)]).toEqual([0, 1]);
    expect(verdicts(effects)).toMatchObject([{ ok: true }, { ok: true }]);
  });
});

describe("the end of a stem", () => {
  it("[NW-4] comes with the embargo when the next node swallows it", () => {
    const node = nodeWithPeers();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const begun = node.now;
    const effects = endEmbargo(node, hand(node, transaction, "client"));
    expect(node.now - begun).toBeGreaterThanOrEqual(EMBARGO_MS_MIN);
    expect(published(effects)).toBe(1);
    expect([isHeld(node, transaction), isPublic(node, transaction)]).toEqual([false, true]);
  });

  it("[NW-4] comes with gossip from elsewhere, which forwards it; the embargo then means nothing", () => {
    const node = nodeWithPeers();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const begun = node.now;
    const held = hand(node, transaction, "client");
    node.now = timeMs(begun + 500);
    const effects = hand(node, transaction, "gossip", 7);
    expect(verdicts(effects)).toEqual([{ ok: true, txid: transactionId(transaction) }]);
    expect(ofType(effects, "verify-proofs")).toEqual([]);
    expect(published(effects)).toBe(0);
    expect(isPublic(node, transaction)).toBe(true);
    expect([...node.state.mempool.entries.values()].map(({ arrivedAt }) => arrivedAt)).toEqual([begun]);
    expect(endEmbargo(node, held)).toEqual([]);
  });

  it("[NW-4] a transaction that is public by the time its proofs are verified goes into no stem", () => {
    const node = nodeWithPeers();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const first = node.post({ type: "transaction-received", now: node.now, transaction, reply: 1, source: "client" });
    node.gossip(transaction, 2);
    const effects = verify(node, ofType(first, "verify-proofs")[0]!);
    expect([sent(effects).length, published(effects)]).toEqual([0, 0]);
    expect(isPublic(node, transaction)).toBe(true);
    expect(verdicts(effects)).toMatchObject([{ ok: true }, { ok: true }]);
  });

  it("[NW-4] comes with a block that holds it or spends its notes", () => {
    const node = nodeWithPeers();
    const [one, two] = node.builder.take(2);
    const included = node.builder.transfer([one!]);
    const beaten = node.builder.transfer([two!]);
    const held = [included, beaten].map(({ transaction }) => hand(node, transaction, "client"));
    const effects = finish(node, [included, node.builder.transfer([two!], [3n, 4n])]);
    expect(ofType(effects, "commit-block")).toHaveLength(1);
    expect(ofType(effects, "pool-changed")).toEqual([]);
    expect(node.state.stemPool.held.entries.size).toBe(0);
    expect(node.state.stemPool.ways.size).toBe(0);
    for (const each of held) expect(endEmbargo(node, each)).toEqual([]);
  });

  it("[NW-4] leaves nothing behind when the mempool does not take it", () => {
    const node = nodeWithPeers();
    const notes = node.builder.take(1);
    const ours = node.builder.transfer(notes, [1n, 2n]).transaction;
    const held = hand(node, ours, "client");
    // Somebody else's copy of the same keys was faster, in public.
    hand(node, node.builder.transfer(notes, [3n, 4n]).transaction, "gossip");
    expect(isHeld(node, ours)).toBe(false);
    expect(endEmbargo(node, held)).toEqual([]);
  });

  it("[NW-4] other stem peers get what one did not, and it is public when there are none left", () => {
    const node = nodeWithPeers();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const txid = formatHex(transactionId(transaction));
    const tried = [sent(hand(node, transaction, "client"))[0]!];
    for (let count = 1; count < STEM_PEERS.length; count++) {
      const effects = node.post({ type: "stem-unsent", now: node.now, peer: tried.at(-1)!, txid });
      expect(published(effects)).toBe(0);
      tried.push(sent(effects)[0]!);
    }
    expect(new Set(tried)).toEqual(new Set(STEM_PEERS));
    // What is said of a peer it no longer waits for changes nothing.
    expect(node.post({ type: "stem-unsent", now: node.now, peer: tried[0]!, txid })).toEqual([]);
    expect(published(node.post({ type: "stem-unsent", now: node.now, peer: tried.at(-1)!, txid }))).toBe(1);
    expect(isPublic(node, transaction)).toBe(true);
  });
});

describe("a stem is nobody else's business", () => {
  it("[NW-4] a validator proposes nothing that is still in its stem", () => {
    const node = nodeWithPeers({ isProposer: true });
    hand(node, node.builder.transfer(node.builder.take(1)).transaction, "client");
    const timer = { kind: "pace" as const, height: nextHeight(node.state.tip), round: 0 };
    const now = timeMs(node.now + node.state.tip.chain.params.emptyBlockMs);
    const effects = node.post({ type: "timer-fired", now, timer: { kind: "consensus", timer } });
    const proposals = ofType(effects, "send-frame").flatMap(({ frame }) =>
      frame.type === "proposal" ? [frame.proposal.body.shortIds.length] : [],
    );
    expect(proposals).toEqual([0]);
  });

  it("[NW-4] a second payment of the same note is not taken into a stem, nor other signatures under its id", () => {
    const node = nodeWithPeers();
    const notes = node.builder.take(1);
    const { transaction } = node.builder.transfer(notes, [1n, 2n]);
    hand(node, transaction, "client");
    const rival = node.builder.transfer(notes, [3n, 4n]).transaction;
    expect(verdicts(hand(node, rival, { peer: "left" }))).toMatchObject([{ policy: "conflicting" }]);
    const forged = { ...transaction, signatures: transaction.signatures.map(() => new Uint8Array(64)) };
    expect(verdicts(hand(node, forged, { peer: "left" }))).toMatchObject([{ ok: false }]);
    expect(verdicts(hand(node, forged, "gossip"))).toMatchObject([{ ok: false, rule: "TX-5" }]);
    expect(isHeld(node, transaction)).toBe(true);
  });

  it("[NW-4] a peer that has left is no stem peer, and one that is found again is", () => {
    const node = nodeWithPeers({}, ["left"]);
    node.post({ type: "peer-disconnected", now: node.now, peer: "left" });
    expect(published(hand(node, node.builder.transfer(node.builder.take(1)).transaction, "client"))).toBe(1);
    node.post({ type: "stem-peer-found", now: node.now, peer: "left", isDialled: true });
    expect(sent(hand(node, node.builder.transfer(node.builder.take(1)).transaction, "client"))).toEqual(["left"]);
    node.post({ type: "stem-peer-lost", now: node.now, peer: "left" });
    expect(published(hand(node, node.builder.transfer(node.builder.take(1)).transaction, "client"))).toBe(1);
  });
});
