import { OUTPUT_TYPE, outputHash, type CoinCore, type Output } from "../chain/output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { outputRangeContext } from "../crypto/range-proof.ts";
import { proveRange } from "../crypto/range-proof-prover.ts";
import type { Scalar } from "../crypto/scalar.ts";
import { sha256Hash } from "../crypto/tagged-hash.ts";
import type { Random } from "../ports/random.ts";
import type { Amount } from "../values/amount.ts";
import type { Hash } from "../values/hash.ts";
import type { BuildPaymentJob } from "./built-payment.ts";
import { deriveAddress, type AccountKeys } from "./keys.ts";
import { buildOwnCoin, type CoinSecrets, type PaymentSecrets } from "./output-secrets.ts";
import { buildEmptyPayload, type SealedPayload } from "./payload.ts";

/** An output of a payment, as it goes into the transaction and as its maker remembers it. */
export interface BuiltOutput {
  readonly output: Output;
  readonly hash: Hash;
  /** Of all commitments in it together; zero where amounts are in clear. */
  readonly blinding: Scalar;
  readonly amount: Amount;
  readonly isOwn: boolean;
  readonly counter: number;
}

/** Own coins under a D, their n from `first` on. */
export function buildChange(
  curve: CurveBackend,
  random: Random,
  keys: AccountKeys,
  { chainId, proposal }: BuildPaymentJob,
  { ephemeralKey }: Pick<PaymentSecrets, "ephemeralKey">,
  first: number,
): readonly BuiltOutput[] {
  const home = deriveAddress(curve, keys.view, 0);
  return proposal.change.map((part, index) => {
    const counter = first + index;
    const coin = buildOwnCoin(curve, keys.view.viewAllSecret, ephemeralKey, home, part, counter);
    return finishCoin(curve, random, chainId, coin, buildEmptyPayload(random), { isOwn: true, counter });
  });
}

/** A coin with its range proof and its payload. */
export function finishCoin(
  curve: CurveBackend,
  random: Random,
  chainId: number,
  coin: CoinSecrets,
  sealed: SealedPayload,
  owner: { readonly isOwn: boolean; readonly counter: number },
): BuiltOutput {
  const { oneTimeKey, ephemeralKey } = coin.fields;
  const context = outputRangeContext(OUTPUT_TYPE.coin, oneTimeKey, ephemeralKey);
  const witness = { chainId, context, values: [coin.amount], blindings: [coin.blinding] };
  const { proof } = proveRange(curve, witness, random);
  const core: CoinCore = {
    type: "coin",
    ...coin.fields,
    payloadTag: sealed.payloadTag,
    payloadHash: sha256Hash(sealed.payload),
    rangeProofHash: sha256Hash(proof),
  };
  const output = { core, payload: sealed.payload, rangeProof: proof };
  return { output, hash: outputHash(core), blinding: coin.blinding, amount: coin.amount, ...owner };
}
