import { decodeBlock } from "../../../src/core/chain/block.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import type { Random } from "../../../src/core/ports/random.ts";
import { examineBlock } from "../../../src/core/state/examine-block.ts";
import { executeBlock } from "../../../src/core/state/execute-block.ts";
import { firstBrokenRule } from "../../../src/core/state/spend-claims.ts";
import { MemoryLedger } from "../../support/memory-ledger.ts";
import type { BlockSample } from "./full-block.ts";

/**
 * All that a node does with a block of which it knew no transaction, in both of its threads: decoding, every rule, one
 * batch of signatures, balances and range proofs, the new state's root.
 */
export function verifyBlock(
  deps: { readonly curve: CurveBackend; readonly bls: BlsBackend; readonly random: Random },
  sample: BlockSample,
): boolean {
  const { curve, bls, random } = deps;
  const block = decodeBlock(sample.bytes);
  const ledger = new MemoryLedger();
  ledger.apply(sample);
  const examined = examineBlock(
    { curve, bls, seatHistory: [], isRangeProofVerified: () => false },
    sample.tip,
    ledger,
    block,
  );
  if (!examined.ok || firstBrokenRule({ curve, bls }, examined.claims, random, false) !== undefined) return false;
  return executeBlock(curve, sample.tip, ledger, examined).ok;
}
