import { describe, expect, it } from "vitest";
import { AppendMap } from "../../../../src/core/values/append-map.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { transactionId } from "../../../../src/core/chain/transaction.ts";
import { blockBody } from "../../../../src/core/machines/block-assembly.ts";
import { PEER_BLAME_MAX } from "../../../../src/core/machines/drive-consensus.ts";
import type { FullNodeEffect } from "../../../../src/core/machines/full-node-events.ts";
import { createFullNodeState, type Intake } from "../../../../src/core/machines/full-node-state.ts";
import { ASSEMBLIES_MAX } from "../../../../src/core/machines/handle-blocks.ts";
import { VERIFIED_PROOFS_MAX } from "../../../../src/core/machines/judge-blocks.ts";
import { INTAKE_COUNT_MAX, INTAKE_WEIGHT_MAX } from "../../../../src/core/machines/intake-transactions.ts";
import { nextHeight } from "../../../../src/core/state/ledger-tip.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { ofType, WatchedNode } from "../../../support/watched-node.ts";

describe("a full node takes transactions in two halves", () => {
  it("[RG-6] asks for proofs once, admits on good ones and publishes what was handed in", () => {
    const node = new WatchedNode();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const [asked] = ofType(node.hand(transaction), "verify-proofs");
    expect(asked?.job.proofs.length).toBe(2);
    const effects = node.post({ type: "proofs-verified", now: node.now, job: asked!.job, good: [true, true] });
    expect(ofType(effects, "reply-transaction")[0]?.verdict).toEqual({ ok: true, txid: transactionId(transaction) });
    expect(ofType(effects, "publish-transaction").length).toBe(1);
    expect(ofType(node.hand(transaction), "reply-transaction")[0]?.verdict).toMatchObject({ policy: "already_known" });
  });

  it("[TX-3] refuses a transaction with one bad proof and publishes nothing", () => {
    const node = new WatchedNode();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const [asked] = ofType(node.hand(transaction), "verify-proofs");
    const effects = node.post({ type: "proofs-verified", now: node.now, job: asked!.job, good: [true, false] });
    expect(ofType(effects, "reply-transaction")[0]?.verdict).toMatchObject({ ok: false, rule: "TX-3" });
    expect(ofType(effects, "publish-transaction")).toEqual([]);
    expect(node.state.mempool.entries.size).toBe(0);
  });

  it("answers everybody who handed in the same transaction while its proofs were running", () => {
    const node = new WatchedNode();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const [asked] = ofType(node.hand(transaction, 1), "verify-proofs");
    expect(node.hand(transaction, 2)).toEqual([]);
    const effects = node.post({ type: "proofs-verified", now: node.now, job: asked!.job, good: [true, true] });
    expect(ofType(effects, "reply-transaction").map(({ reply }) => reply)).toEqual([1, 2]);
  });

  it("[TX-5] the same id under other signatures does not share the verdict of the one being verified", () => {
    const node = new WatchedNode();
    const { transaction } = node.builder.transfer(node.builder.take(1));
    const [asked] = ofType(node.hand(transaction, 1), "verify-proofs");
    const forged = { ...transaction, signatures: transaction.signatures.map(() => new Uint8Array(64)) };
    expect(ofType(node.hand(forged, 2), "reply-transaction")).toMatchObject([{ reply: 2, verdict: { ok: false } }]);
    const effects = node.post({ type: "proofs-verified", now: node.now, job: asked!.job, good: [true, true] });
    expect(ofType(effects, "reply-transaction").map(({ reply }) => reply)).toEqual([1]);
  });

  it("verifies the proofs of one transaction at a time for one note", () => {
    const node = new WatchedNode();
    const notes = node.builder.take(1);
    node.hand(node.builder.transfer(notes, [0n, 1n]).transaction, 1);
    const effects = node.hand(node.builder.transfer(notes, [0n, 2n]).transaction, 2);
    expect(ofType(effects, "verify-proofs")).toEqual([]);
    expect(ofType(effects, "reply-transaction")[0]?.verdict).toMatchObject({ policy: "conflicting" });
  });

  it("INTAKE_COUNT_MAX: one more waiting transaction is told that we are busy", () => {
    const node = new WatchedNode();
    const waiting = node.builder.transfer(node.builder.take(1)).transaction;
    node.hand(waiting);
    const intake = node.state.intake.get(formatHex(transactionId(waiting)))!;
    const full = Array.from({ length: INTAKE_COUNT_MAX }, (_, index) => [`waiting ${index}`, intake] as const);
    node.state = { ...node.state, intake: new Map(full) };
    const effects = node.hand(node.builder.transfer(node.builder.take(1)).transaction);
    expect(ofType(effects, "reply-transaction")[0]?.verdict).toMatchObject({ ok: false, policy: "busy" });
    expect(ofType(effects, "verify-proofs")).toEqual([]);
  });

  it.each([
    [2, []],
    [1, [{ ok: false, policy: "busy" }]],
  ])("INTAKE_WEIGHT_MAX: of transactions that weigh much fewer wait, and with room for %i more", (left, verdicts) => {
    const node = new WatchedNode();
    node.hand(node.builder.transfer(node.builder.take(1)).transaction);
    const [[key, intake]] = [...node.state.intake] as [[string, Intake]];
    const entry = { ...intake.candidate.entry, weight: INTAKE_WEIGHT_MAX - left };
    const heavy = { ...intake, candidate: { ...intake.candidate, entry } };
    node.state = { ...node.state, intake: new Map([[key, heavy]]) };
    const effects = node.hand(node.builder.transfer(node.builder.take(1), [0n, 1n]).transaction);
    expect(ofType(effects, "reply-transaction").map(({ verdict }) => verdict)).toMatchObject(verdicts);
    expect(ofType(effects, "verify-proofs")).toHaveLength(1 - verdicts.length);
  });

  it("VERIFIED_PROOFS_MAX: the older half of the remembered proofs makes room", () => {
    const node = new WatchedNode();
    const remember = (proofs: readonly string[]): void => {
      const job = { id: "00".repeat(32), proofs };
      node.post({ type: "proofs-verified", now: node.now, job, good: proofs.map(() => true) });
    };
    const proofs = Array.from({ length: VERIFIED_PROOFS_MAX }, (_, index) => `proof ${index}`);
    remember(proofs);
    remember(["proof 0"]);
    expect(node.state.verifiedProofs.size).toBe(VERIFIED_PROOFS_MAX);
    remember(["proof more"]);
    expect([...node.state.verifiedProofs.keys()]).toEqual([...proofs.slice(VERIFIED_PROOFS_MAX / 2), "proof more"]);
  });
});

const PACE_MS = 1_000;

/** The next proposer, with one transaction whose proofs are good. */
function proposerWithOne(): WatchedNode {
  const node = new WatchedNode({ isProposer: true });
  const { transaction } = node.builder.transfer(node.builder.take(1));
  const [asked] = ofType(node.gossip(transaction), "verify-proofs");
  node.post({ type: "proofs-verified", now: node.now, job: asked!.job, good: [true, true] });
  return node;
}

/** Its moment has come. */
function letPropose(node: WatchedNode): readonly FullNodeEffect[] {
  const timer = { kind: "pace", height: nextHeight(node.state.tip), round: 0 } as const;
  return node.post({ type: "timer-fired", now: timeMs(node.now + PACE_MS), timer: { kind: "consensus", timer } });
}

function proposals(effects: readonly FullNodeEffect[]) {
  return ofType(effects, "send-frame").flatMap(({ frame }) => (frame.type === "proposal" ? [frame.proposal] : []));
}

describe("a full node builds blocks", () => {
  it("[RG-6] of what it holds, also where it has forgotten that the proofs are good", () => {
    const node = proposerWithOne();
    node.state = { ...node.state, verifiedProofs: AppendMap.of() };
    expect(proposals(letPropose(node)).map(({ body }) => body.shortIds.length)).toEqual([1]);
  });
});

describe("a full node that restarts", () => {
  it("[CO-14] [CO-19] sends its proposal again with the body of the block that its log holds, and its parts", () => {
    const node = proposerWithOne();
    const sent = letPropose(node);
    const [proposal] = proposals(sent);
    expect(proposal?.body.shortIds).toHaveLength(1);
    const log = ofType(sent, "write-log").map(({ entry }) => entry);
    const again = new WatchedNode({ isProposer: true });
    const { tip, boundary } = again.state;
    again.state = createFullNodeState(tip, undefined, boundary, node.builder.seatHistory);
    expect(proposals(again.post({ type: "started", now: timeMs(node.now + PACE_MS), log }))).toEqual([proposal]);
    const want = { height: height(1), blockId: blockId(proposal!.body.header), indexes: [0] };
    expect(ofType(again.frame({ type: "want", want }), "send-frame")).toMatchObject([{ frame: { type: "part" } }]);
  });
});

describe("what strangers can make a full node hold", () => {
  it("[CO-19] ASSEMBLIES_MAX bodies of a height at most, and unsigned ones are dropped at once", () => {
    const node = new WatchedNode();
    const { header, lastCertificate } = node.builder.build([]);
    const send = (at: number, round: number): void => {
      const body = { header: { ...header, height: height(at), round }, lastCertificate, evidence: [], shortIds: [] };
      const proposal = { height: height(at), round, validRound: -1, signature: new Uint8Array(96), body };
      node.post({
        type: "consensus-frame-received",
        now: node.now,
        peer: "stranger",
        frame: { type: "proposal", proposal },
      });
    };
    const next = nextHeight(node.state.tip);
    for (let round = 0; round < 3; round++) send(next, round);
    expect(node.state.assemblies.size).toBe(0);
    for (let round = 0; round < ASSEMBLIES_MAX + 10; round++) send(next + 1, round);
    expect(node.state.assemblies.size).toBe(ASSEMBLIES_MAX);
    for (let round = 0; round < 10; round++) send(next + 2, round);
    expect(node.state.assemblies.size).toBe(ASSEMBLIES_MAX);
  });

  it("[CO-19] bodies that came early and interest nobody are gone once their height begins", () => {
    const node = new WatchedNode();
    const block = node.builder.build([]);
    const outcome = node.builder.execute(block);
    if (!outcome.ok) throw new Error(outcome.rule);
    const junk = { ...block.header, height: height(2), round: 9 };
    const body = { header: junk, lastCertificate: block.lastCertificate, evidence: [], shortIds: [] };
    const proposal = { height: height(2), round: 9, validRound: -1, signature: new Uint8Array(96), body };
    node.post({
      type: "consensus-frame-received",
      now: node.now,
      peer: "stranger",
      frame: { type: "proposal", proposal },
    });
    expect(node.state.assemblies.has(formatHex(blockId(junk)))).toBe(true);
    const certificate = node.builder.commit(outcome);
    const announced = { body: blockBody(block), certificate, peer: "friend", reply: 1 };
    const effects = node.post({ type: "block-announced", now: node.now, ...announced });
    expect(ofType(effects, "reply-block")[0]?.verdict).toEqual({ verdict: "accept" });
    expect(ofType(effects, "commit-block")[0]?.commit.height).toBe(1);
    node.post({ type: "block-committed", now: node.now });
    expect(node.state.tip.header.height).toBe(1);
    expect(node.state.assemblies.size).toBe(0);
  });

  it("[CO-3] a gossiped block with a certificate of too few is refused", () => {
    const node = new WatchedNode();
    const block = node.builder.build([]);
    const outcome = node.builder.execute(block);
    if (!outcome.ok) throw new Error(outcome.rule);
    const certificate = node.builder.commit(outcome, [0, 1]);
    const announced = { body: blockBody(block), certificate, peer: "stranger", reply: 1 };
    const effects = node.post({ type: "block-announced", now: node.now, ...announced });
    expect(ofType(effects, "reply-block")[0]?.verdict).toEqual({ verdict: "reject", reason: "CO-3" });
    expect(ofType(effects, "commit-block")).toEqual([]);
  });

  it("[CO-3] a gossiped block with another last certificate behind its header is refused", () => {
    const node = new WatchedNode();
    const block = node.builder.build([]);
    const outcome = node.builder.execute(block);
    if (!outcome.ok) throw new Error(outcome.rule);
    const certificate = node.builder.commit(outcome);
    const body = { ...blockBody(block), lastCertificate: { ...block.lastCertificate, round: 7 } };
    const announce = (each: typeof body) =>
      node.post({ type: "block-announced", now: node.now, body: each, certificate, peer: "stranger", reply: 1 });
    expect(ofType(announce(body), "reply-block")[0]?.verdict).toEqual({ verdict: "reject", reason: "CO-3" });
    expect(ofType(announce(blockBody(block)), "commit-block")).toHaveLength(1);
  });

  it("[CO-19] a gossiped block is searched for in the pool once, whatever further short ids come with its certificate", () => {
    const node = new WatchedNode();
    const block = node.builder.build([node.builder.transfer(node.builder.take(1)).transaction]);
    const outcome = node.builder.execute(block);
    if (!outcome.ok) throw new Error(outcome.rule);
    const certificate = node.builder.commit(outcome);
    const verdicts = [0, 1].map((mark) => {
      const body = { ...blockBody(block), shortIds: [new Uint8Array(8).fill(mark)] };
      const announced = { body, certificate, peer: `stranger ${mark}`, reply: 1 };
      return ofType(node.post({ type: "block-announced", now: node.now, ...announced }), "reply-block")[0]?.verdict;
    });
    expect(verdicts).toMatchObject([{ verdict: "accept" }, { verdict: "ignore", reason: "already_known" }]);
  });

  it("[CO-17] PEER_BLAME_MAX votes of no seat cost a peer its connection, one does not", () => {
    const node = new WatchedNode();
    const at = nextHeight(node.state.tip);
    let dropped = 0;
    for (let index = 0; index < PEER_BLAME_MAX; index++) {
      const vote = {
        type: "prevote" as const,
        height: at,
        round: 0,
        blockId: node.state.tip.blockId,
        validator: 9,
        signature: new Uint8Array(96).fill(index % 255),
      };
      const frame = { type: "vote" as const, vote };
      const effects = node.post({ type: "consensus-frame-received", now: node.now, peer: "stranger", frame });
      dropped += ofType(effects, "drop-peer").length;
      if (index === 0) expect(dropped).toBe(0);
    }
    expect(dropped).toBe(1);
  });
});
