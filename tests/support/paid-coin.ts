import { encodeOutputCore, outputHash } from "../../src/core/chain/output.ts";
import { type Scalar, ZERO_SCALAR } from "../../src/core/crypto/scalar.ts";
import { sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import { parseAddress, type AddressKeys } from "../../src/core/values/address.ts";
import { amount } from "../../src/core/values/amount.ts";
import { leafIndex } from "../../src/core/values/height.ts";
import { buildPaidCoin, derivePayment } from "../../src/core/wallet/output-secrets.ts";
import { buildMemo } from "../../src/core/wallet/payload.ts";
import { PROVEN_SIZE } from "../../src/core/wallet/payment-proof.ts";
import type { PlacedProof } from "../../src/core/wallet/proof-text.ts";
import type { LedgerBuilder, TestCoin, TestTransfer } from "./ledger-builder.ts";
import { curve } from "./wallet-vectors.ts";

export interface PaidCoin {
  readonly coin: TestCoin;
  /** With it the payee's keys give the coin's secret. */
  readonly keyOffset: Scalar;
  /** What the payer can show, as if the coin were the first output of the next block. */
  readonly proof: PlacedProof;
}

/** A coin as somebody's wallet makes it, but for its range proof, which test ledgers believe. */
export function paidCoin(ledger: LedgerBuilder, to: AddressKeys, micro: bigint, memo?: string): PaidCoin {
  const { random, tip } = ledger;
  const value = amount(micro);
  const anchorSource = random.bytes(32);
  const secrets = derivePayment(curve, to, value, anchorSource)!;
  const { fields, blinding, keyOffset } = buildPaidCoin(curve, secrets, to, value, 0);
  const recipient = { ...secrets, amount: value, spendKey: to.spendKey };
  const { payloadTag, payload } =
    memo === undefined
      ? { payloadTag: random.bytes(16), payload: random.bytes(512) }
      : buildMemo(fields, recipient, 0, random.bytes(8), { text: memo });
  const rangeProof = random.bytes(576);
  const hashes = { payloadTag, payloadHash: sha256Hash(payload), rangeProofHash: sha256Hash(rangeProof) };
  const core = { type: "coin" as const, ...fields, ...hashes };
  const { chainId } = tip.chain;
  const { height, nextLeaf } = tip.header;
  return {
    coin: { output: { core, payload, rangeProof }, amount: micro, blinding, secret: ZERO_SCALAR },
    keyOffset,
    proof: {
      proof: { chainId, outputHash: outputHash(core), to, amount: value, n: 0, anchorSource },
      leaf: leafIndex(nextLeaf),
      height,
      coreTail: encodeOutputCore(core).slice(PROVEN_SIZE),
    },
  };
}

/** The keys of an address of the dev network. */
export function keysOf(address: string): AddressKeys {
  const parsed = parseAddress(address, "dev");
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.keys;
}

/** The transfer that makes such a coin, out of one of the ledger's own notes. */
export function payInto(ledger: LedgerBuilder, coin: TestCoin): TestTransfer {
  const spends = ledger.take(1);
  const rest = spends[0]!.amount - coin.amount - ledger.fee([coin.output, coin.output], 1);
  return ledger.transferInto(spends, [coin, ledger.coin(rest)]);
}
