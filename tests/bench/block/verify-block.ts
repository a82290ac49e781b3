import { decodeBlock } from "../../../src/core/chain/block.ts";
import { isCoinOutput } from "../../../src/core/chain/output.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import { verifyRangeBatch } from "../../../src/core/crypto/range-proof-verifier.ts";
import type { Random } from "../../../src/core/ports/random.ts";
import { executeBlock } from "../../../src/core/state/execute-block.ts";
import { rangeClaims } from "../../../src/node/perform-effects.ts";
import { MemoryLedger } from "../../support/memory-ledger.ts";
import type { BlockSample } from "./full-block.ts";

/**
 * All that a node does with a block of which it knew no transaction: decoding, range proofs in one batch, then every
 * rule with signatures, balances and the new state's root.
 */
export function verifyBlock(
  deps: { readonly curve: CurveBackend; readonly bls: BlsBackend; readonly random: Random },
  sample: BlockSample,
): boolean {
  const { curve, bls, random } = deps;
  const block = decodeBlock(sample.bytes);
  const coins = block.transactions.flatMap(({ outputs }) => outputs.filter(isCoinOutput));
  if (!verifyRangeBatch(curve, rangeClaims(block.header.chainId, coins), random).ok) return false;
  const ledger = new MemoryLedger();
  ledger.apply(sample);
  return executeBlock({ curve, bls, isRangeProofVerified: () => true }, sample.tip, ledger, block).ok;
}
