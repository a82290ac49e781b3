import { sha256Hash } from "../../src/core/crypto/tagged-hash.ts";
import { ZERO_SCALAR } from "../../src/core/crypto/scalar.ts";
import type { AddressKeys } from "../../src/core/values/address.ts";
import { amount } from "../../src/core/values/amount.ts";
import { buildPaidCoin, derivePayment } from "../../src/core/wallet/output-secrets.ts";
import { buildMemo } from "../../src/core/wallet/payload.ts";
import type { FullNodeStore } from "../../src/core/ports/full-node-store.ts";
import { LedgerBuilder, type TestCoin, type TestTransfer } from "./ledger-builder.ts";
import { LedgerNode } from "./ledger-node.ts";
import { curve } from "./wallet-vectors.ts";

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
  const { random } = builder;
  const value = amount(micro);
  const secrets = derivePayment(curve, to, value, random.bytes(32))!;
  const { fields, blinding } = buildPaidCoin(curve, secrets, to, value, 0);
  const recipient = { ...secrets, amount: value, spendKey: to.spendKey };
  const { payloadTag, payload } = buildMemo(fields, recipient, 0, random.bytes(8), { text });
  const rangeProof = random.bytes(576);
  const hashes = { payloadTag, payloadHash: sha256Hash(payload), rangeProofHash: sha256Hash(rangeProof) };
  const core = { type: "coin" as const, ...fields, ...hashes };
  const coin: TestCoin = { output: { core, payload, rangeProof }, amount: micro, blinding, secret: ZERO_SCALAR };
  const spends = builder.take(1);
  const rest = spends[0]!.amount - micro - builder.fee([coin.output, coin.output], 1);
  return builder.transferInto(spends, [coin, builder.coin(rest)]);
}
