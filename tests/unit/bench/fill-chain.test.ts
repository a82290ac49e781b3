import { describe, expect, it } from "vitest";
import { decodeCertificate, verifyCertificate } from "../../../src/core/chain/certificate.ts";
import { decodeCompactBlock } from "../../../src/core/chain/compact-block.ts";
import { decodeOutputCore, type CoinCore } from "../../../src/core/chain/output.ts";
import { decodeHeader } from "../../../src/core/chain/header.ts";
import { x25519 } from "../../../src/core/crypto/key-agreement.ts";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import { buildKernel } from "../../../src/core/crypto/backend/kernel/build-kernel.ts";
import { openBackend } from "../../../src/core/crypto/backend/open-backend.ts";
import type { RangeClaim } from "../../../src/core/crypto/range-proof.ts";
import { verifyRangeBatch } from "../../../src/core/crypto/range-proof-verifier.ts";
import { sha256Hash } from "../../../src/core/crypto/tagged-hash.ts";
import type { LeafRecord } from "../../../src/core/ports/ledger-reader.ts";
import { rangeClaim } from "../../../src/core/state/spend-claims.ts";
import { holdsSupplyInvariant } from "../../../src/core/state/supply-invariant.ts";
import { seededRandom } from "../../support/test-random.ts";
import { NETWORK_PARAMS } from "../../../src/core/params/network-params.ts";
import { verifyRangeRoots } from "../../../src/core/state/range-answer.ts";
import { decodeLedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { height, leafIndex, timeMs } from "../../../src/core/values/height.ts";
import { devGenesis } from "../../../src/core/wallet/dev-genesis.ts";
import { deriveAccount, deriveAddress } from "../../../src/core/wallet/keys.ts";
import { openCoin } from "../../../src/core/wallet/output-secrets.ts";
import { SubaddressTable } from "../../../src/core/wallet/subaddress-table.ts";
import { createBlstBls } from "../../../src/node/crypto/blst-bls.ts";
import { fillBlockCount, fillChain } from "../../bench/support/fill-chain.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { testCurve as curve } from "../../support/test-curve.ts";

const bls = createBlstBls();
const { view } = deriveAccount(curve, new Uint8Array(32).fill(9), 0);

describe("a chain filled for benchmarks", () => {
  it("holds what was asked for, under a certified boundary", { timeout: 60_000 }, async () => {
    const params = { ...NETWORK_PARAMS.dev, epochMs: 3_000 };
    const genesis = devGenesis({ curve, bls }, { time: timeMs(1_000_000), params, validatorCount: 1 });
    const payments = Array.from({ length: 20 }, (_, index) => {
      return { to: deriveAddress(curve, view, index % 3), amount: amount(BigInt(1_000 + index)) };
    });
    const store = new MemoryStore();
    const options = { liveCount: 3_000, spentPerLive: 0.5, payments, hasPayloads: true };
    const filled = await fillChain({ curve, bls }, store, genesis, options);
    expect(filled.boundary).toBe(fillBlockCount(options, params.epochMs));
    expect(filled.nextLeaf).toBe(genesis.outputs.length + 4_500);
    const tip = decodeLedgerTip(store.tip()!);
    const header = decodeHeader((await store.header(filled.boundary))!);
    expect(header).toEqual(tip.header);
    expect(header.isEpochEnd).toBe(true);
    const certificate = decodeCertificate((await store.certificate(filled.boundary))!);
    expect(verifyCertificate(bls, header.chainId, filled.boundary, tip.blockId, certificate, tip.validators)).toBe(
      true,
    );
    expect(verifyRangeRoots(header.utxoRoot, (await store.rangeRoots(filled.boundary))!)).toBe(true);
    const { live } = (await store.leavesAt(filled.boundary, leafIndex(0), 10_000))!;
    expect(live.size).toBe(genesis.outputs.length + 3_000);
    expect(header.liveCount).toBe(live.size);
    const addresses = new SubaddressTable(curve);
    addresses.extend(0, view, 3);
    filled.paidLeaves.forEach((leaf, index) => {
      const core = decodeOutputCore(live.get(leaf)!.core) as CoinCore;
      const secret = x25519(curve, view.viewSecret, core.ephemeralKey);
      expect(openCoin(curve, addresses, core, "external", secret, 0)?.amount).toBe(payments[index]!.amount);
    });
    const compact = decodeCompactBlock((await store.compact(height(1)))!);
    expect(compact.entries.length).toBeLessThanOrEqual(2_048);
    expect((await store.payloads([filled.paidLeaves[3]!]))[0]).toHaveLength(512);
  });

  it("[SU-3] has real proofs and a supply that holds where they are asked for", { timeout: 120_000 }, async () => {
    const kernel = await openBackend(buildKernel);
    const params = { ...NETWORK_PARAMS.dev, epochMs: 1_000 };
    const genesis = devGenesis({ curve, bls }, { time: timeMs(1_000_000), params, validatorCount: 1 });
    const store = new MemoryStore();
    const options = { liveCount: 300, provenCoins: 40 };
    const { boundary } = await fillChain({ curve: kernel, bls }, store, genesis, options);
    const header = decodeHeader((await store.header(boundary))!);
    const live: LeafRecord[] = [];
    const claims: RangeClaim[] = [];
    for await (const [leaf, record] of store.liveLeaves()) {
      live.push(record);
      const core = decodeOutputCore(record.core);
      if (core.type !== "coin") continue;
      const rangeProof = (await store.rangeProof(leaf))!;
      expect(sha256Hash(rangeProof)).toEqual(core.rangeProofHash);
      claims.push(rangeClaim(header.chainId, { core, rangeProof }));
    }
    expect(claims.length).toBe(300);
    expect(new Set(claims.map(({ proof }) => formatHex(proof))).size).toBe(40);
    expect(verifyRangeBatch(kernel, claims, seededRandom("filled"))).toEqual({ ok: true });
    expect(holdsSupplyInvariant(kernel, live, header)).toBe(true);
    expect(holdsSupplyInvariant(kernel, live.slice(0, -1), header)).toBe(false);
    const spent = fillChain({ curve, bls }, new MemoryStore(), genesis, { ...options, spentPerLive: 1 });
    await expect(spent).rejects.toThrow(RangeError);
  });
});
