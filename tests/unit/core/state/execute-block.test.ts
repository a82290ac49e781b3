import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { DecodeError } from "../../../../src/core/bytes/decode-error.ts";
import { decodeBlock, encodeBlock, type Block } from "../../../../src/core/chain/block.ts";
import { EMPTY_CERTIFICATE } from "../../../../src/core/chain/certificate.ts";
import { compactRoot, decodeCompactBlock } from "../../../../src/core/chain/compact-block.ts";
import { decodeEvidence } from "../../../../src/core/chain/evidence.ts";
import { blockId, type Header } from "../../../../src/core/chain/header.ts";
import { createNobleBls } from "../../../../src/core/crypto/noble-bls.ts";
import { frontierRoot, merkleRoot } from "../../../../src/core/crypto/merkle.ts";
import { scalarOf } from "../../../../src/core/crypto/scalar.ts";
import { sha256Hash } from "../../../../src/core/crypto/tagged-hash.ts";
import { blockCommit } from "../../../../src/core/state/block-outcome.ts";
import { buildBlock } from "../../../../src/core/state/build-block.ts";
import { auxRoot, decodeAuxRecords, encodeAuxRecords, listAuxRecords } from "../../../../src/core/state/aux-records.ts";
import {
  decodeLedgerTip,
  encodeLedgerTip,
  historyEntry,
  isEpochEndNext,
  nextHistory,
} from "../../../../src/core/state/ledger-tip.ts";
import { holdsSupplyInvariant } from "../../../../src/core/state/supply-invariant.ts";
import { treeSource, tileLeafOf, tileIndexOf } from "../../../../src/core/state/tree.ts";
import { updateTree } from "../../../../src/core/state/update-tree.ts";
import { hash, ZERO_HASH, type Hash } from "../../../../src/core/values/hash.ts";
import { epoch, height, leafIndex, timeMs } from "../../../../src/core/values/height.ts";
import { LedgerBuilder, type TestTransfer } from "../../../support/ledger-builder.ts";
import { MemoryLedger } from "../../../support/memory-ledger.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { runs } from "../../../support/run-counts.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const flip = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from(bytes, (byte, index) => (index === 0 ? byte ^ 1 : byte));

/** Root over all live leaves, from nothing. */
function rebuiltRoot(ledger: MemoryLedger): Hash {
  const empty = treeSource(new MemoryLedger());
  return updateTree(empty, new Map([...ledger.leaves].map(([leaf, record]) => [leaf, tileLeafOf(leaf, record)]))).root;
}

describe("executing a block", () => {
  const builder = new LedgerBuilder({ label: "execute" });
  builder.extend([builder.transfer(builder.take(1))]);
  const transfer = builder.transfer(builder.take(2), [0n, 5n, 6n]);
  const block = builder.build([transfer.transaction]);

  it("takes what was built, as bytes too", () => {
    const bytes = encodeBlock(block);
    expect(encodeBlock(decodeBlock(bytes))).toEqual(bytes);
    const result = builder.execute(decodeBlock(bytes));
    if (!result.ok) throw new Error(`${result.rule} ${result.field ?? ""}`);
    expect(result.tip.blockId).toEqual(blockId(block.header));
    expect(result.compact.spent).toEqual(transfer.transaction.inputs);
    expect(result.txids.length).toBe(1);
    expect(result.payloads.size).toBe(3);
    expect(result.cores.get(leafIndex(builder.tip.header.nextLeaf))?.length).toBe(203);
    const commit = blockCommit(result, block, EMPTY_CERTIFICATE);
    expect(compactRoot(decodeCompactBlock(commit.compact))).toEqual(block.header.compactRoot);
    expect(encodeLedgerTip(decodeLedgerTip(commit.tip))).toEqual(commit.tip);
  });

  it("[BL-2] [BL-13] [CO-1] [CO-2] [CO-3] [CO-18] [SU-1] [SU-2] [GE-1] refuses every other header", () => {
    const { header } = block;
    const tampered: Record<keyof Header, Partial<Header>> = {
      chainId: { chainId: 1001 },
      height: { height: height(header.height + 1) },
      round: { round: 7 },
      time: { time: timeMs(header.time + 1) },
      epoch: { epoch: epoch(2) },
      isEpochEnd: { isEpochEnd: true },
      proposer: { proposer: (header.proposer + 1) % 4 },
      prev: { prev: hash(flip(header.prev)) },
      txsRoot: { txsRoot: hash(flip(header.txsRoot)) },
      compactRoot: { compactRoot: hash(flip(header.compactRoot)) },
      utxoRoot: { utxoRoot: hash(flip(header.utxoRoot)) },
      histRoot: { histRoot: hash(flip(header.histRoot)) },
      valHash: { valHash: hash(flip(header.valHash)) },
      nextValHash: { nextValHash: hash(flip(header.nextValHash)) },
      paramsHash: { paramsHash: hash(flip(header.paramsHash)) },
      auxRoot: { auxRoot: hash(flip(header.auxRoot)) },
      lastCertHash: { lastCertHash: hash(flip(header.lastCertHash)) },
      evidenceRoot: { evidenceRoot: hash(flip(header.evidenceRoot)) },
      nextLeaf: { nextLeaf: header.nextLeaf + 1 },
      liveCount: { liveCount: header.liveCount - 1 },
      minted: { minted: header.minted + 1n },
      burned: { burned: 1n },
      accrued: { accrued: header.accrued + 1n },
      pot: { pot: header.pot + 1n },
      gammaAcc: { gammaAcc: scalarOf(1n) },
      beacon: { beacon: hash(flip(header.beacon)) },
      beaconSignature: { beaconSignature: flip(header.beaconSignature) },
    };
    for (const [field, change] of Object.entries(tampered)) {
      const result = builder.execute({ ...block, header: { ...header, ...change } });
      if (result.ok) throw new Error(`accepted a changed ${field}`);
      // Another time changes the reward and another round the proposer, so these show elsewhere; all others by name.
      if (field !== "time" && field !== "round") expect([field, result.field]).toEqual([field, field]);
    }
  });

  it("[CO-2] refuses a block that is too early", () => {
    const early = { ...block.header, time: timeMs(builder.tip.header.time + 999) };
    expect(builder.execute({ ...block, header: early })).toEqual({ ok: false, rule: "CO-2", field: "time" });
    const built = buildBlock(builder.deps, builder.tip, builder.ledger, builder.draft([], { afterMs: 999 }));
    expect(built).toEqual({ ok: false, rule: "CO-2" });
    expect(builder.execute(builder.build([], { afterMs: 1_000 })).ok).toBe(true);
  });

  it("[CO-3] refuses a certificate of two thirds or less, or for another block", () => {
    const rule = (lastCertificate: Block["lastCertificate"]): string => {
      const built = buildBlock(builder.deps, builder.tip, builder.ledger, { ...builder.draft([]), lastCertificate });
      if (!built.ok) return built.rule;
      const result = builder.execute(built.block);
      return result.ok ? "kept" : result.rule;
    };
    expect(rule(builder.certify([0, 1, 2]))).toBe("kept");
    expect(rule(builder.certify([0, 1]))).toBe("CO-3");
    expect(rule(EMPTY_CERTIFICATE)).toBe("CO-3");
    expect(rule({ ...builder.lastCertificate, round: 1 })).toBe("CO-3");
    expect(rule({ ...builder.lastCertificate, signature: flip(builder.lastCertificate.signature) })).toBe("CO-3");
  });

  it("[ST-4] refuses evidence in this version", () => {
    const evidence = [decodeEvidence(hexBytes(vectors.consensus.evidence[0]!))];
    expect(builder.execute({ ...block, evidence })).toEqual({ ok: false, rule: "ST-4" });
  });

  it("[BL-2] refuses transactions in another order than the header says, and missing ones", () => {
    const [one, two] = [builder.transfer([builder.notes[0]!]), builder.transfer([builder.notes[1]!])];
    const both = builder.build([one.transaction, two.transaction]);
    const turned = builder.execute({ ...both, transactions: [...both.transactions].reverse() });
    expect(turned).toEqual({ ok: false, rule: "BL-2", field: "txsRoot" });
    const missing = builder.execute({ ...both, transactions: both.transactions.slice(1) });
    expect(missing).toEqual({ ok: false, rule: "BL-2", field: "txsRoot" });
  });

  it("leaves out what does not fit when building, and says why", () => {
    const again = builder.transfer(transfer.spends, [1n, 2n]);
    const draft = builder.draft([transfer.transaction, again.transaction]);
    const built = buildBlock(builder.deps, builder.tip, builder.ledger, draft);
    if (!built.ok) throw new Error(built.rule);
    expect(built.block.transactions).toEqual([transfer.transaction]);
    expect(built.refused).toEqual([{ transaction: again.transaction, rule: "TX-1" }]);
    expect(builder.execute(built.block).ok).toBe(true);
  });

  it("[EN-3] refuses a block over the limit of outputs or bytes", () => {
    const limited = new LedgerBuilder({ label: "limits", params: { maxBlockOutputs: 5, maxBlockBytes: 8_192 } });
    const notes = limited.notes;
    const small = [0, 1, 2].map((index) => limited.transfer([notes[index]!], [1n, 2n]).transaction);
    expect(limited.ruleOf(small.slice(0, 2))).toBe("kept");
    expect(limited.ruleOf(small)).toBe("EN-3");
    const large = limited.transfer([notes[3]!], [1n, 2n, 3n, 4n, 5n]).transaction;
    expect(limited.ruleOf([large])).toBe("kept");
    const long = new LedgerBuilder({ label: "bytes", params: { maxBlockBytes: 8_192 } });
    const five = long.transfer([long.notes[0]!], [1n, 2n, 3n, 4n, 5n]).transaction;
    const draft = long.draft([five, long.transfer([long.notes[1]!], [1n, 2n, 3n, 4n, 5n]).transaction]);
    const built = buildBlock(long.deps, long.tip, long.ledger, draft);
    if (!built.ok) throw new Error(built.rule);
    expect(built.refused.map(({ rule }) => rule)).toEqual(["EN-3"]);
    expect(encodeBlock(built.block).length).toBeLessThanOrEqual(8_192);
    expect(long.execute({ ...built.block, transactions: draft.transactions })).toEqual({ ok: false, rule: "EN-3" });
  });
});

describe("epochs", () => {
  it("[CO-2] [CO-16] [ST-8] [FE-1] end after the first block whose parent is late enough", () => {
    const builder = new LedgerBuilder({ label: "epochs", params: { targetOutputsPerEpoch: 1 } });
    expect(builder.tip.header.isEpochEnd).toBe(true);
    builder.extend([], { afterMs: 59_999 });
    expect(isEpochEndNext(builder.tip)).toBe(false);
    const first = builder.extend([builder.transfer(builder.take(1), [1n, 2n, 3n])], { afterMs: 1_000 });
    expect([first.tip.header.epoch, first.tip.header.isEpochEnd]).toEqual([1, false]);
    const seed = builder.tip.epochSeed;
    const end = builder.extend([], { afterMs: 1_000 });
    const { header, aux } = end.tip;
    expect([header.epoch, header.isEpochEnd]).toEqual([1, true]);
    expect(end.tip.epochSeed).toEqual(header.beacon);
    expect(end.tip.epochSeed).not.toEqual(seed);
    expect(aux.epoch).toEqual({
      multiplier: 1_250,
      previousMultiplier: 1_000,
      start: header.time,
      firstLeaf: header.nextLeaf,
    });
    expect(end.validatorSet).toBe(undefined);
    const next = builder.extend([], {});
    expect([next.tip.header.epoch, next.tip.header.isEpochEnd]).toEqual([2, false]);
    // The old price holds for one more epoch, the new one already.
    const [note] = builder.take(1);
    expect(builder.ruleOf([builder.transfer([note!], [0n, 1n], { fee: 21_000n }).transaction])).toBe("kept");
    expect(builder.ruleOf([builder.transfer([note!], [0n, 1n], { fee: 26_250n }).transaction])).toBe("kept");
    expect(builder.ruleOf([builder.transfer([note!], [0n, 1n], { fee: 22_000n }).transaction])).toBe("TX-8");
    builder.extendToBoundary();
    expect(builder.ruleOf([builder.transfer([note!], [0n, 1n], { fee: 21_000n }).transaction])).toBe("TX-8");
  });

  it("[RW-1] [CO-18] credit who signed, and remember when", () => {
    const builder = new LedgerBuilder({ label: "rewards" });
    const first = builder.extend([], { afterMs: 10_000, seats: [0, 1, 2] });
    // Block 1 has no certificate, so nobody is paid and all of it goes to the pot.
    expect([first.tip.header.accrued, first.tip.header.pot]).toEqual([0n, 100_000_000n]);
    const second = builder.extend([], { afterMs: 10_000 });
    const { header, aux, validators } = second.tip;
    const balances = validators.map(({ blsKey }) => {
      return aux.accounts.find((account) => formatHex(account.blsKey) === formatHex(blsKey))!;
    });
    const rest = 80_000_000n;
    const share = (9n * rest) / 40n;
    const proposed = (rest * 3n) / 40n;
    balances.forEach((account, seat) => {
      const expected = (seat < 3 ? share : 0n) + (seat === header.proposer ? proposed : 0n);
      expect([seat, account.balance, account.lastSignedEpoch]).toEqual([seat, expected, seat < 3 ? 1 : 0]);
    });
    expect(header.accrued).toBe(3n * share + proposed);
    expect(header.minted - first.tip.header.minted).toBe(100_000_000n);
    expect(header.pot + header.accrued).toBe(200_000_000n);
  });
});

describe("random histories", () => {
  const FEE_RESERVE = 1_000_000_000n;

  it.each(Array.from({ length: runs(2, 50) }, (_, index) => index))(
    "[SU-3] [BL-3] seed %i: roots rebuilt from the leaves and the supply invariant hold after every block",
    (seed) => {
      const builder = new LedgerBuilder({ label: `history ${seed}`, params: { targetOutputsPerEpoch: 10 } });
      const entries: Uint8Array[] = [];
      for (let step = 0; step < runs(8, 60); step++) {
        const dice = builder.random.bytes(8);
        const transfers: TestTransfer[] = [];
        for (let count = dice[0]! % 4; count > 0 && builder.notes.length > 3; count--) {
          transfers.push(...randomTransfer(builder, builder.random.bytes(4)));
        }
        entries.push(historyEntry(builder.tip.header, builder.tip.blockId));
        const outcome = builder.extend(transfers, { afterMs: 1_000 + 250 * dice[1]!, round: dice[2]! % 3 });
        const { header } = outcome.tip;
        expect(formatHex(header.utxoRoot)).toBe(formatHex(rebuiltRoot(builder.ledger)));
        expect(builder.ledger.leaves.size).toBe(header.liveCount);
        expect(holdsSupplyInvariant(curve, builder.ledger.leaves.values(), header)).toBe(true);
        expect(formatHex(header.histRoot)).toBe(formatHex(merkleRoot(entries)));
        // A restart goes on from the stored bytes.
        builder.tip = decodeLedgerTip(encodeLedgerTip(outcome.tip));
        expect(builder.tip).toEqual(outcome.tip);
        expect(formatHex(frontierRoot(nextHistory(builder.tip)))).not.toBe(formatHex(header.histRoot));
      }
      const stolen = [...builder.ledger.leaves.values()].slice(1);
      expect(holdsSupplyInvariant(curve, stolen, builder.tip.header)).toBe(false);
    },
    120_000,
  );

  /** None where the notes taken cannot pay the fee of a crowded epoch. */
  function randomTransfer(builder: LedgerBuilder, dice: Uint8Array): readonly TestTransfer[] {
    const spends = builder.take(1 + (dice[0]! % 2));
    const total = spends.reduce((sum, note) => sum + note.amount, 0n);
    if (total < FEE_RESERVE) return [];
    const amounts = Array.from({ length: 2 + (dice[1]! % 3) }, (_, index) => (total * BigInt(index)) / 8n);
    if (dice[2]! % 4 !== 0) return [builder.transfer(spends, amounts)];
    const open = builder.publicCoin(1_000_000n);
    const fee = builder.fee([open.output, open.output], spends.length);
    return [builder.transferInto(spends, [open, builder.coin(total - fee - 1_000_000n)])];
  }

  it("fills a tile and spends all of it", () => {
    const builder = new LedgerBuilder({ label: "tile" });
    builder.extend([
      builder.transfer(
        builder.take(1),
        Array.from({ length: 60 }, () => 100_000n),
      ),
    ]);
    builder.extend([
      builder.transfer(
        builder.take(1),
        Array.from({ length: 60 }, () => 100_000n),
      ),
    ]);
    expect(tileIndexOf(leafIndex(builder.tip.header.nextLeaf))).toBe(1);
    builder.extend([builder.transfer(builder.take(builder.notes.length - 1))]);
    expect(formatHex(builder.tip.header.utxoRoot)).toBe(formatHex(rebuiltRoot(builder.ledger)));
    expect(holdsSupplyInvariant(curve, builder.ledger.leaves.values(), builder.tip.header)).toBe(true);
  });
});

describe("with real signatures of validators", () => {
  it("[CO-1] [CO-3] two blocks follow each other, and a beacon of another validator is refused", () => {
    const builder = new LedgerBuilder({ label: "bls", bls: createNobleBls(), noteCount: 2 });
    builder.extend([builder.transfer(builder.take(1))]);
    builder.extend([], { seats: [0, 2, 3] });
    const block = builder.build([]);
    const other = builder.tip.nextValidators[(block.header.proposer + 1) % 4]!;
    const beaconSignature = builder.deps.bls.sign(builder.seedOf(other.blsKey), sha256Hash());
    const result = builder.execute({ ...block, header: { ...block.header, beaconSignature } });
    expect(result).toEqual({ ok: false, rule: "CO-1", field: "beaconSignature" });
  });
});

describe("a stored tip", () => {
  const builder = new LedgerBuilder({ label: "tip" });

  it("is refused when it is not what its header commits to", () => {
    builder.extend();
    const { tip } = builder;
    const { chain, aux, validators, history } = tip;
    const stored = (change: Partial<typeof tip>): unknown => decodeLedgerTip(encodeLedgerTip({ ...tip, ...change }));
    expect(stored({})).toEqual(tip);
    const changes: Partial<typeof tip>[] = [
      { chain: { ...chain, chainId: 1001 } },
      { chain: { ...chain, params: { ...chain.params, feeOut: 1 } } },
      { validators: validators.slice(1) },
      { nextValidators: validators.slice(1) },
      { aux: { ...aux, epoch: { ...aux.epoch, multiplier: 2_000 } } },
      { history: { ...history, roots: [ZERO_HASH] } },
    ];
    for (const change of changes) expect(() => stored(change), Object.keys(change).join()).toThrow("does not fit");
  });

  it("is refused when torn, and a changed bit throws nothing but a DecodeError", () => {
    const bytes = encodeLedgerTip(builder.tip);
    expect(decodeLedgerTip(bytes)).toEqual(builder.tip);
    for (const size of [0, 1, 300, bytes.length - 1])
      expect(() => decodeLedgerTip(bytes.slice(0, size))).toThrow(DecodeError);
    for (let offset = 0; offset < bytes.length; offset += 7) {
      const bent = bytes.slice();
      bent[offset] = bent[offset]! ^ 1;
      try {
        decodeLedgerTip(bent);
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }
  });

  it("[CO-18] keeps its records in one canonical form", () => {
    const { aux } = builder.tip;
    const bytes = encodeAuxRecords(aux);
    expect(decodeAuxRecords(bytes)).toEqual(aux);
    expect(listAuxRecords(aux).map((record) => record.length)).toEqual([197, 197, 197, 197, 25]);
    const award = { week: 3n, dueHeight: height(9), blsKeys: aux.accounts.map(({ blsKey }) => blsKey) };
    const withAward = { ...aux, award };
    expect(decodeAuxRecords(encodeAuxRecords(withAward))).toEqual(withAward);
    expect(auxRoot(withAward)).not.toEqual(auxRoot(aux));
    const swapped = { ...aux, accounts: [...aux.accounts].reverse() };
    expect(() => decodeAuxRecords(encodeAuxRecords(swapped))).toThrow(DecodeError);
    expect(() => decodeAuxRecords(encodeAuxRecords({ ...withAward, award: { ...award, blsKeys: [] } }))).toThrow(
      DecodeError,
    );
  });
});
