import fc from "fast-check";
import type { Block } from "../../src/core/chain/block.ts";
import type { Certificate } from "../../src/core/chain/certificate.ts";
import type { CompactBlock } from "../../src/core/chain/compact-block.ts";
import { orderEvidenceItems, type Evidence } from "../../src/core/chain/evidence.ts";
import type { Header } from "../../src/core/chain/header.ts";
import { outputHash, type CoinFields, type Output, type OutputCore } from "../../src/core/chain/output.ts";
import type { Unbond, Unjail } from "../../src/core/chain/stake-transaction.ts";
import type { TakeBack } from "../../src/core/chain/take-back.ts";
import type { Transaction, Transfer } from "../../src/core/chain/transaction.ts";
import { compareValidators, validatorSetHash, type ValidatorSet } from "../../src/core/chain/validator-set.ts";
import { compareBytes, equalBytes } from "../../src/core/bytes/compare-bytes.ts";
import { parseScalar } from "../../src/core/crypto/scalar.ts";
import { sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import { amount } from "../../src/core/values/amount.ts";
import { hash, type Hash } from "../../src/core/values/hash.ts";
import { epoch, height, leafIndex, timeMs, type Height, type LeafIndex } from "../../src/core/values/height.ts";
import { claims } from "./packet-vectors.ts";

/** Values that decode, not values that are valid: for codecs. */
export const bytesArb = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size });
export const hashArb: fc.Arbitrary<Hash> = bytesArb(32).map(hash);
export const heightArb: fc.Arbitrary<Height> = fc.maxSafeNat().map((value) => height(Math.max(0, value - 2)));
export const leafArb: fc.Arbitrary<LeafIndex> = fc.integer({ min: 0, max: 2 ** 40 - 1 }).map(leafIndex);
const u32Arb = fc.integer({ min: 0, max: 0xffff_ffff });
const amountArb = fc.maxSafeNat().map((value) => amount(BigInt(value)));
const scalarArb = bytesArb(32).map((bytes) => {
  const low = bytes.slice();
  low[31] = low[31]! & 0x0f;
  return parseScalar(low)!;
});
const leavesArb = (maxLength: number): fc.Arbitrary<LeafIndex[]> => {
  return fc.uniqueArray(leafArb, { maxLength }).map((leaves) => leaves.sort((left, right) => left - right));
};

export const certificateArb: fc.Arbitrary<Certificate> = fc.record({
  round: u32Arb,
  signers: fc.array(fc.boolean(), { maxLength: 20 }),
  signature: bytesArb(96),
});

export const validatorSetArb: fc.Arbitrary<ValidatorSet> = fc
  .uniqueArray(fc.record({ blsKey: bytesArb(48), power: fc.integer({ min: 1, max: 1_000_000 }) }), {
    maxLength: 8,
    comparator: (left, right) => equalBytes(left.blsKey, right.blsKey),
  })
  .map((set) => set.sort(compareValidators));

export const headerArb: fc.Arbitrary<Header> = fc.record({
  chainId: u32Arb,
  height: heightArb,
  round: u32Arb,
  time: heightArb.map((value) => timeMs(value)),
  epoch: u32Arb.map((value) => epoch(value % 2 ** 31)),
  isEpochEnd: fc.boolean(),
  proposer: fc.integer({ min: 0, max: 99 }),
  prev: hashArb,
  txsRoot: hashArb,
  compactRoot: hashArb,
  utxoRoot: hashArb,
  histRoot: hashArb,
  valHash: hashArb,
  nextValHash: hashArb,
  paramsHash: hashArb,
  auxRoot: hashArb,
  lastCertHash: hashArb,
  evidenceRoot: hashArb,
  nextLeaf: fc.maxSafeNat(),
  liveCount: fc.maxSafeNat(),
  minted: amountArb,
  burned: amountArb,
  accrued: amountArb,
  pot: amountArb,
  gammaAcc: scalarArb,
  beacon: hashArb,
  beaconSignature: bytesArb(96),
});

/** A header whose next set is known, and whether it changes. */
export const announcingHeaderArb: fc.Arbitrary<{ readonly header: Header; readonly set: ValidatorSet }> = fc
  .tuple(headerArb, validatorSetArb, fc.boolean())
  .map(([header, set, changes]) => {
    const nextValHash = validatorSetHash(set);
    return { header: { ...header, nextValHash, valHash: changes ? header.valHash : nextValHash }, set };
  });

const coinFieldsArb: fc.Arbitrary<CoinFields> = fc.record({
  oneTimeKey: bytesArb(32),
  commitment: bytesArb(32),
  ephemeralKey: bytesArb(32),
  amountEnc: bytesArb(8),
  anchorEnc: bytesArb(16),
  viewTag: bytesArb(2),
  payloadTag: bytesArb(16),
});
const addressArb = fc.record({ spendKey: bytesArb(32), viewKey: bytesArb(32) });

const coinOutputArb: fc.Arbitrary<Output> = fc
  .tuple(coinFieldsArb, bytesArb(512), bytesArb(576))
  .map(([fields, payload, rangeProof]) => ({
    core: { type: "coin", ...fields, payloadHash: sha256Hash(payload), rangeProofHash: sha256Hash(rangeProof) },
    payload,
    rangeProof,
  }));
const publicOutputArb: fc.Arbitrary<Output> = fc
  .record({
    type: fc.constant("public" as const),
    oneTimeKey: bytesArb(32),
    amount: amountArb,
    ephemeralKey: bytesArb(32),
    viewTag: bytesArb(2),
    recipient: addressArb,
    anchor: bytesArb(16),
    reference: bytesArb(32),
  })
  .map((core) => ({ core }));
const stakeOutputArb: fc.Arbitrary<Output> = fc
  .record({
    type: fc.constant("stake" as const),
    oneTimeKey: bytesArb(32),
    amount: amountArb,
    ephemeralKey: bytesArb(32),
    viewTag: bytesArb(2),
    blsKey: bytesArb(48),
    possessionProof: bytesArb(96),
    reward: addressArb,
  })
  .map((core) => ({ core }));

export const outputArb: fc.Arbitrary<Output> = fc.oneof(coinOutputArb, publicOutputArb, stakeOutputArb);

const drawnCoreArb: fc.Arbitrary<OutputCore> = fc
  .tuple(coinFieldsArb, leafArb, fc.integer({ min: 0, max: 255 }))
  .map(([fields, packetLeaf, slot]) => ({ type: "drawn", ...fields, packetLeaf, slot }));
export const coreArb: fc.Arbitrary<OutputCore> = fc.oneof(
  outputArb.map((output) => output.core),
  drawnCoreArb,
);

/** Inputs and outputs ascend, as TX-1 and TX-7 ask. */
export const transferArb: fc.Arbitrary<Transfer> = fc
  .tuple(
    fc.record({
      chainId: fc.constant(1000),
      notBefore: fc.maxSafeNat().map((value) => timeMs(Math.max(0, value - 1))),
      notAfter: fc.maxSafeNat().map((value) => timeMs(Math.max(0, value - 1))),
      fee: amountArb,
      gamma: scalarArb,
    }),
    leavesArb(4).filter((leaves) => leaves.length > 0),
    fc.array(outputArb, { minLength: 1, maxLength: 3 }),
    bytesArb(64),
  )
  .map(([head, inputs, outputs, signature]) => ({
    kind: "transfer",
    ...head,
    inputs,
    outputs: outputs.sort((left, right) => compareBytes(outputHash(left.core), outputHash(right.core))),
    signatures: inputs.map(() => signature),
  }));

const unbondArb: fc.Arbitrary<Unbond> = fc.record({
  kind: fc.constant("unbond" as const),
  chainId: fc.constant(1000),
  stake: leafArb,
  fee: amountArb,
  signature: bytesArb(64),
});

const unjailArb: fc.Arbitrary<Unjail> = fc.record({
  kind: fc.constant("unjail" as const),
  chainId: fc.constant(1000),
  blsKey: bytesArb(48),
  epoch: u32Arb.map((value) => epoch(value)),
  signature: bytesArb(96),
});

const takeBackArb: fc.Arbitrary<TakeBack> = fc.record({
  kind: fc.constant("take-back" as const),
  chainId: fc.constant(1000),
  packetLeaf: leafArb,
  signature: bytesArb(64),
});

export const transactionArb: fc.Arbitrary<Transaction> = fc.oneof(
  { weight: 3, arbitrary: transferArb },
  { weight: 1, arbitrary: unbondArb },
  { weight: 1, arbitrary: unjailArb },
  { weight: 1, arbitrary: takeBackArb },
  { weight: 1, arbitrary: fc.constantFrom(...claims) },
);

const signedIdArb = fc.record({ blockId: hashArb, signature: bytesArb(96) });
export const evidenceArb: fc.Arbitrary<Evidence> = fc
  .tuple(heightArb, u32Arb, fc.constantFrom(1 as const, 2 as const), bytesArb(48), signedIdArb, signedIdArb)
  .filter(([, , , , left, right]) => !equalBytes(left.blockId, right.blockId))
  .map(([at, round, voteType, blsKey, left, right]) => {
    return { kind: "votes", height: at, round, voteType, blsKey, items: orderEvidenceItems(left, right) };
  });

export const blockArb: fc.Arbitrary<Block> = fc.record({
  header: headerArb,
  lastCertificate: certificateArb,
  evidence: fc.array(evidenceArb, { maxLength: 2 }),
  transactions: fc.array(transactionArb, { maxLength: 2 }),
});

const entryArb = fc.record({
  ephemeralKey: fc.oneof(bytesArb(32), fc.constant(new Uint8Array(32))),
  viewTag: bytesArb(2),
  payloadTag: bytesArb(16),
  outputHash: hashArb,
});

export const compactBlockArb: fc.Arbitrary<CompactBlock> = fc.record({
  height: heightArb,
  firstLeaf: leafArb,
  entries: fc.array(entryArb, { maxLength: 5 }),
  spent: leavesArb(5),
  changed: fc.tuple(leavesArb(3), hashArb).map(([leaves, state]) => leaves.map((leaf) => ({ leaf, state }))),
});
