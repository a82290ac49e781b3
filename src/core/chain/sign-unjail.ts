import type { Epoch } from "../values/height.ts";
import type { Unjail, UnsignedUnjail } from "./stake-transaction.ts";
import { transactionId } from "./transaction.ts";

/** A validator's key as this needs it. */
export interface UnjailSigner {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/**
 * What a jailed key sends to be taken back (ST-3). BLS signatures are a function of key and message, so there is one such
 * transaction for a key and an epoch: whoever has lost it to a kill makes the same again, and nothing needs to be stored.
 */
export function signUnjail(signer: UnjailSigner, chainId: number, epoch: Epoch): Unjail {
  const unsigned: UnsignedUnjail = { kind: "unjail", chainId, blsKey: signer.publicKey, epoch };
  const txid = transactionId(unsigned);
  return { ...unsigned, signature: signer.sign(txid) };
}
