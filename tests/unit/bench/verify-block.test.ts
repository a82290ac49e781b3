import { describe, expect, it } from "vitest";
import { decodeBlock } from "../../../src/core/chain/block.ts";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import { openBlockVerifier } from "../../bench/block/block-verifier.ts";
import { FULL_BLOCK_TRANSACTIONS, makeBlock } from "../../bench/block/full-block.ts";
import { verifyBlock } from "../../bench/block/verify-block.ts";
import { seededRandom } from "../../support/test-random.ts";
import { inputsOf, outputsOf } from "../../../src/core/chain/transaction.ts";
import { transferOf } from "../../support/transfer-of.ts";

describe("the block of the benchmark", async () => {
  const deps = { curve: await openBackend(buildKernel), bls: createBlstBls() };
  const sample = makeBlock(deps, 2);
  const random = seededRandom("verify block");

  it("holds transactions of one input and two outputs, as many as 600 outputs are", () => {
    expect(FULL_BLOCK_TRANSACTIONS).toBe(300);
    const { transactions } = decodeBlock(sample.bytes);
    expect(transactions.map((each) => [inputsOf(each).length, outputsOf(each).length])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it("is valid, on this thread and on another one", async () => {
    expect(verifyBlock({ ...deps, random }, sample)).toBe(true);
    const verifier = openBlockVerifier(sample);
    try {
      await verifier.verify();
    } finally {
      await verifier.close();
    }
  });

  it("[TX-3] [TX-5] is refused with a wrong proof or signature", async () => {
    const transaction = transferOf(decodeBlock(sample.bytes).transactions[0]);
    const [output] = transaction.outputs;
    const proof = output !== undefined && "rangeProof" in output ? output.rangeProof : new Uint8Array();
    for (const part of [proof, transaction.signatures[0]!]) {
      const bytes = sample.bytes.slice();
      const place = Buffer.from(bytes).indexOf(part);
      expect(place).toBeGreaterThan(0);
      bytes[place + part.length - 20]! ^= 1;
      expect(verifyBlock({ ...deps, random }, { ...sample, bytes })).toBe(false);
      const verifier = openBlockVerifier({ ...sample, bytes });
      await expect(verifier.verify()).rejects.toThrow("refused");
      await verifier.close();
    }
  });
});
