import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { encodeEvidence } from "../../../../src/core/chain/evidence.ts";
import { evidenceRoot } from "../../../../src/core/chain/block.ts";
import { certificateHash } from "../../../../src/core/chain/certificate.ts";
import { blockId } from "../../../../src/core/chain/header.ts";
import { encodeTransaction, transactionId, type Transfer } from "../../../../src/core/chain/transaction.ts";
import { ZERO_HASH } from "../../../../src/core/values/hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import {
  decodeGossipBlock,
  encodeGossipBlock,
  judgeBlock,
  type BlockView,
  type GossipBlock,
} from "../../../../src/wire/gossip/block.ts";
import { judgeEvidence, type EvidenceView } from "../../../../src/wire/gossip/evidence.ts";
import { GOSSIP_EVIDENCE_BYTES_MAX } from "../../../../src/wire/limits.ts";
import { judgeTransaction, type TransactionView } from "../../../../src/wire/gossip/transaction.ts";
import { bytesArb, certificateArb, evidenceArb, headerArb, transferArb } from "../../../support/chain-arbitraries.ts";
import { codecContract } from "../../../support/codec-contract.ts";

const gossipBlockArb: fc.Arbitrary<GossipBlock> = fc
  .tuple(headerArb, certificateArb, certificateArb, fc.array(evidenceArb, { maxLength: 2 }), fc.array(bytesArb(8)))
  .map(([header, certificate, lastCertificate, evidence, shortIds]) => ({
    body: {
      header: {
        ...header,
        chainId: 1000,
        height: height(Math.max(10, header.height)),
        lastCertHash: certificateHash(lastCertificate),
        evidenceRoot: evidenceRoot(evidence),
      },
      lastCertificate,
      evidence,
      shortIds,
    },
    certificate: { ...certificate, signers: [...certificate.signers.slice(0, 10), true] },
  }));

codecContract("gossip block", { encode: encodeGossipBlock, decode: decodeGossipBlock, arbitrary: gossipBlockArb });

describe("judgeTransaction", () => {
  const view: TransactionView = { chainId: 1000, isKnown: () => false };
  const good = fc.sample(
    transferArb.filter((transaction) => transaction.inputs.length > 1 && transaction.outputs.length > 1),
    { numRuns: 1, seed: 3 },
  )[0]!;
  const judge = (change: Partial<Transfer>, seen: Partial<TransactionView> = {}): unknown => {
    return judgeTransaction(encodeTransaction({ ...good, ...change }), { ...view, ...seen });
  };

  it("accepts what is in order and hands on the transaction with its id", () => {
    expect(judge({})).toEqual({ verdict: "accept", value: { transaction: good, txid: transactionId(good) } });
  });

  it("[EN-3] [EN-4] rejects bytes that are no transaction, or one and more", () => {
    const bytes = encodeTransaction(good);
    for (const bent of [new Uint8Array(0), bytes.subarray(1), bytes.subarray(0, -1), Uint8Array.from([...bytes, 0])]) {
      expect(judgeTransaction(bent, view)).toEqual({ verdict: "reject", reason: "malformed" });
    }
  });

  it("[TX-9] rejects another chain's", () => {
    expect(judge({}, { chainId: 1 })).toEqual({ verdict: "reject", reason: "wrong_chain" });
  });

  it("[TX-1] rejects inputs out of order or twice", () => {
    const [first, second] = [good.inputs[0]!, good.inputs[1]!];
    const signatures = good.signatures.slice(0, 2);
    const reason = "inputs_not_ascending";
    expect(judge({ inputs: [second, first], signatures })).toEqual({ verdict: "reject", reason });
    expect(judge({ inputs: [first, first], signatures })).toEqual({ verdict: "reject", reason });
  });

  it("[TX-7] rejects outputs out of order or twice", () => {
    const reason = "outputs_not_ascending";
    expect(judge({ outputs: good.outputs.toReversed() })).toEqual({ verdict: "reject", reason });
    expect(judge({ outputs: [good.outputs[0]!, good.outputs[0]!] })).toEqual({ verdict: "reject", reason });
  });

  it("ignores what is known", () => {
    expect(judge({}, { isKnown: () => true })).toEqual({ verdict: "ignore", reason: "already_known" });
  });
});

describe("judgeEvidence", () => {
  const view: EvidenceView = { isKnown: () => false };

  it("[ST-10] accepts one piece of evidence and hands it on, the largest of every kind", () => {
    fc.assert(
      fc.property(evidenceArb, (evidence) => {
        const bytes = encodeEvidence(evidence);
        expect(judgeEvidence(bytes, view)).toEqual({ verdict: "accept", value: evidence });
        expect(bytes.length).toBeLessThanOrEqual(335);
      }),
    );
  });

  it("[EN-3] rejects GOSSIP_EVIDENCE_BYTES_MAX and one byte before it decodes anything", () => {
    const judge = (size: number) => judgeEvidence(new Uint8Array(size), view);
    expect(judge(GOSSIP_EVIDENCE_BYTES_MAX + 1)).toEqual({ verdict: "reject", reason: "too_large" });
    expect(judge(GOSSIP_EVIDENCE_BYTES_MAX)).toEqual({ verdict: "reject", reason: "malformed" });
  });

  it("[EN-4] [ST-4] rejects what is no evidence, more than one, and items out of order or twice", () => {
    const [evidence] = fc.sample(
      evidenceArb.filter(({ kind }) => kind === "votes"),
      { numRuns: 1, seed: 4 },
    );
    const bytes = encodeEvidence(evidence!);
    const [head, first, second] = [bytes.slice(0, 62), bytes.slice(62, 190), bytes.slice(190)];
    const swapped = concatBytes(head, second, first);
    const same = concatBytes(head, first, first);
    const kinds = [0, 4, 0x81].map((kind) => bytes.with(0, kind));
    for (const bent of [new Uint8Array(0), bytes.subarray(1), Uint8Array.from([...bytes, 0]), swapped, same, ...kinds])
      expect(judgeEvidence(bent, view)).toEqual({ verdict: "reject", reason: "malformed" });
    expect(judgeEvidence(concatBytes(head, first, second), view)).toMatchObject({ verdict: "accept" });
  });

  it("[ST-10] ignores what is held", () => {
    const bytes = encodeEvidence(fc.sample(evidenceArb, { numRuns: 1, seed: 4 })[0]!);
    const isKnown = (asked: Uint8Array) => asked === bytes;
    expect(judgeEvidence(bytes, { isKnown })).toEqual({ verdict: "ignore", reason: "already_known" });
  });
});

describe("judgeBlock", () => {
  const view: BlockView = { chainId: 1000, finalHeight: () => height(9), isKnown: () => false };
  const good = fc.sample(gossipBlockArb, { numRuns: 1, seed: 5 })[0]!;
  const judge = (block: GossipBlock, seen: Partial<BlockView> = {}): unknown => {
    return judgeBlock(encodeGossipBlock(block), { ...view, ...seen });
  };
  const withHeader = (change: Partial<GossipBlock["body"]["header"]>): GossipBlock => {
    return { ...good, body: { ...good.body, header: { ...good.body.header, ...change } } };
  };

  it("accepts what is in order and hands on the block with its id", () => {
    expect(judge(good)).toEqual({ verdict: "accept", value: { ...good, blockId: blockId(good.body.header) } });
  });

  it("[EN-3] [EN-4] rejects bytes that are no block message, or one and more", () => {
    const bytes = encodeGossipBlock(good);
    for (const bent of [new Uint8Array(0), bytes.subarray(0, -1), Uint8Array.from([...bytes, 0])]) {
      expect(judgeBlock(bent, view)).toEqual({ verdict: "reject", reason: "malformed" });
    }
  });

  it("[GE-5] rejects another chain's block and genesis", () => {
    expect(judge(good, { chainId: 1 })).toEqual({ verdict: "reject", reason: "wrong_chain" });
    expect(judge(withHeader({ height: height(0) }))).toEqual({ verdict: "reject", reason: "genesis" });
  });

  it("[CO-3] rejects a certificate without a signer", () => {
    const certificate = { ...good.certificate, signers: [false, false] };
    expect(judge({ ...good, certificate })).toEqual({ verdict: "reject", reason: "no_signer" });
  });

  it("[CO-19] rejects contents that are not the header's", () => {
    const last = { ...good.body.lastCertificate, round: (good.body.lastCertificate.round + 1) % 1000 };
    const swapped = { ...good, body: { ...good.body, lastCertificate: last } };
    expect(judge(swapped)).toEqual({ verdict: "reject", reason: "wrong_last_certificate" });
    expect(judge(withHeader({ evidenceRoot: ZERO_HASH }))).toEqual({ verdict: "reject", reason: "wrong_evidence" });
  });

  it("ignores what is final or on its way", () => {
    const finalHeight = () => good.body.header.height;
    expect(judge(good, { finalHeight })).toEqual({ verdict: "ignore", reason: "already_final" });
    expect(judge(good, { isKnown: () => true })).toEqual({ verdict: "ignore", reason: "already_known" });
  });
});
