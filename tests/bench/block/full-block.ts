import { encodeBlock } from "../../../src/core/chain/block.ts";
import type { CurveBackend } from "../../../src/core/crypto/backend/curve-backend.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import { TX_OUTPUTS_MAX } from "../../../src/core/params/limits.ts";
import { NETWORK_PARAMS } from "../../../src/core/params/network-params.ts";
import type { LedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { LedgerBuilder } from "../../support/ledger-builder.ts";
import type { MemoryLedger } from "../../support/memory-ledger.ts";

/** A block and the state below it, in a form that crosses to other threads. */
export interface BlockSample {
  readonly bytes: Uint8Array;
  readonly transactionCount: number;
  readonly tip: LedgerTip;
  readonly leaves: MemoryLedger["leaves"];
  readonly nodes: MemoryLedger["nodes"];
  readonly tiles: MemoryLedger["tiles"];
}

/** Two-output transactions of a full block. */
export const FULL_BLOCK_TRANSACTIONS = Math.floor(NETWORK_PARAMS.dev.maxBlockOutputs / 2);

/**
 * A valid block of transactions with one input and two outputs each, signatures and range proofs real, on a dev chain
 * of four validators. Only the coins that it spends have proofs that nobody could check: their block is the parent.
 */
export function makeBlock(
  deps: { readonly curve: CurveBackend; readonly bls: BlsBackend },
  transactionCount: number,
): BlockSample {
  const builder = new LedgerBuilder({ ...deps, label: "full block" });
  const splits = Array.from({ length: Math.ceil(transactionCount / TX_OUTPUTS_MAX) }, () => {
    return builder.transfer(builder.take(1), new Array<bigint>(TX_OUTPUTS_MAX).fill(1_000_000n));
  });
  builder.notes = [];
  builder.extend(splits);
  const notes = builder.take(transactionCount);
  builder.proofs = true;
  const block = builder.build(notes.map((note) => builder.transfer([note]).transaction));
  const { leaves, nodes, tiles } = builder.ledger;
  return { bytes: encodeBlock(block), transactionCount, tip: builder.tip, leaves, nodes, tiles };
}
