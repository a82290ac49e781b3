import { createCipheriv, createHash, type Cipheriv } from "node:crypto";
import type { CoinCore, Output } from "../../../src/core/chain/output.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { AddressKeys } from "../../../src/core/values/address.ts";
import type { Amount } from "../../../src/core/values/amount.ts";
import { hash } from "../../../src/core/values/hash.ts";
import { sha256Hash } from "../../../src/core/crypto/tagged-hash.ts";
import { buildPaidCoin, derivePayment } from "../../../src/core/wallet/output-secrets.ts";
import type { ProvenCoin } from "./proven-coins.ts";

const POINT_COUNT = 256;
const PAYLOAD_SIZE = 512;

/** A payment to a known wallet, hidden among the outputs of others. */
export interface KnownPayment {
  readonly to: AddressKeys;
  readonly amount: Amount;
}

/**
 * Outputs by the million: keys and commitments are real points, but nobody can spend them. Without proven coins none has
 * a range proof; with some, all are made of them in turn.
 */
export class ManyOutputs {
  readonly #curve: CurveBackend;
  readonly #stream: Cipheriv;
  readonly #points: readonly Uint8Array[];
  /** The bytes of a payload that nobody reads are one and the same, unless payloads are wanted. */
  readonly #hasPayloads: boolean;
  readonly #proven: readonly ProvenCoin[];
  #pairs = 0;

  constructor(curve: CurveBackend, seed: number, hasPayloads: boolean, proven: readonly ProvenCoin[] = []) {
    this.#curve = curve;
    this.#hasPayloads = hasPayloads;
    this.#proven = proven;
    const key = createHash("sha256").update(`many outputs ${seed}`).digest();
    this.#stream = createCipheriv("aes-256-ctr", key, new Uint8Array(16));
    this.#points = Array.from({ length: POINT_COUNT }, () =>
      curve.ristrettoEncode([curve.ristrettoFromHash(this.#bytes(64))]),
    );
  }

  /** Two coins under one D, as most payments make: one for the payee, one back to the payer. */
  pair(payment?: KnownPayment): readonly [Output, Output] {
    if (this.#proven.length > 0) return this.#provenPair();
    if (payment === undefined) {
      const ephemeralKey = this.#bytes(32);
      ephemeralKey[31]! &= 0x7f;
      return [this.#output(this.#fields(ephemeralKey)), this.#output(this.#fields(ephemeralKey))];
    }
    const { to, amount } = payment;
    const secrets = derivePayment(this.#curve, to, amount, this.#bytes(32))!;
    const { fields } = buildPaidCoin(this.#curve, secrets, to, amount, 0);
    return [this.#output(fields), this.#output(this.#fields(secrets.ephemeralKey))];
  }

  #provenPair(): readonly [Output, Output] {
    const first = (2 * this.#pairs++) % this.#proven.length;
    const output = (at: number): Output => {
      const { oneTimeKey, commitment, ephemeralKey, rangeProof } = this.#proven[at]!;
      return this.#output({ ...this.#fields(ephemeralKey), oneTimeKey, commitment }, rangeProof);
    };
    return [output(first), output(first + 1)];
  }

  #fields(ephemeralKey: Uint8Array): Omit<CoinCore, "type" | "payloadTag" | "payloadHash" | "rangeProofHash"> {
    const random = this.#bytes(28);
    return {
      oneTimeKey: this.#points[random[26]!]!,
      commitment: this.#points[random[27]!]!,
      ephemeralKey,
      amountEnc: random.slice(0, 8),
      anchorEnc: random.slice(8, 24),
      viewTag: random.slice(24, 26),
    };
  }

  #output(
    fields: Omit<CoinCore, "type" | "payloadTag" | "payloadHash" | "rangeProofHash">,
    rangeProof?: Uint8Array,
  ): Output {
    const payload = this.#hasPayloads ? this.#bytes(PAYLOAD_SIZE) : NO_PAYLOAD;
    const payloadHash = hash(new Uint8Array(createHash("sha256").update(payload).digest()));
    const core = {
      type: "coin" as const,
      ...fields,
      payloadTag: this.#bytes(16),
      payloadHash,
      rangeProofHash: rangeProof === undefined ? hash(this.#bytes(32)) : sha256Hash(rangeProof),
    };
    return { core, payload, rangeProof: rangeProof ?? NO_PROOF };
  }

  #bytes(size: number): Uint8Array {
    return new Uint8Array(this.#stream.update(new Uint8Array(size)));
  }
}

const NO_PAYLOAD = new Uint8Array(PAYLOAD_SIZE);
const NO_PROOF = new Uint8Array();
