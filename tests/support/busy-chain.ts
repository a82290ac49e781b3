import type { FullNodeStore } from "../../src/core/ports/full-node-store.ts";
import type { AddressKeys } from "../../src/core/values/address.ts";
import { LedgerBuilder, type TestTransfer } from "./ledger-builder.ts";
import { LedgerNode } from "./ledger-node.ts";
import { paidCoin, payInto } from "./paid-coin.ts";

const DAY_MS = 24 * 60 * 60_000;
const MINUTE_MS = 60_000;
const MINUTES = 11;

/** A chain of eleven minutes with so many outputs in each, and a node that has it; a client may begin at its genesis. */
export async function openChain(store: FullNodeStore, outputsPerMinute: number): Promise<LedgerNode> {
  const params = { trustingMs: DAY_MS, unbondingMs: DAY_MS, evidenceMs: DAY_MS };
  const node = await LedgerNode.open(new LedgerBuilder({ label: "busy chain", noteCount: 20, params }), store);
  const { builder } = node;
  const amounts = Array.from({ length: outputsPerMinute }, () => 1_000n);
  for (let minute = 0; minute < MINUTES; minute++) {
    await node.extend([builder.transfer(builder.take(1), amounts)], MINUTE_MS);
  }
  return node;
}

/** A payment with a memo to this address, as somebody's wallet makes it. */
export function payTo(builder: LedgerBuilder, to: AddressKeys, micro: bigint, text: string): TestTransfer {
  return payInto(builder, paidCoin(builder, to, micro, text).coin);
}
