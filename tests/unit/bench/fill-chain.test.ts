import { describe, expect, it } from "vitest";
import { decodeCertificate, verifyCertificate } from "../../../src/core/chain/certificate.ts";
import { decodeCompactBlock } from "../../../src/core/chain/compact-block.ts";
import { decodeOutputCore, type CoinCore } from "../../../src/core/chain/output.ts";
import { decodeHeader } from "../../../src/core/chain/header.ts";
import { x25519 } from "../../../src/core/crypto/key-agreement.ts";
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
});
