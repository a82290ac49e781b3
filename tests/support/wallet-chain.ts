import type { Transaction } from "../../src/core/chain/transaction.ts";
import { decodeTransaction } from "../../src/core/chain/transaction.ts";
import { decodeOutputCore } from "../../src/core/chain/output.ts";
import { decodeValidatorSet } from "../../src/core/chain/validator-set.ts";
import { NETWORK_PARAMS } from "../../src/core/params/network-params.ts";
import type { BlockOutcome } from "../../src/core/state/block-outcome.ts";
import type { CompactItem } from "../../src/core/sync/compact-item.ts";
import type { NetworkName } from "../../src/core/values/network.ts";
import { leafIndex, timeMs, type Height, type TimeMs } from "../../src/core/values/height.ts";
import { buildPayment } from "../../src/core/wallet/build-payment.ts";
import type { BuiltPayment } from "../../src/core/wallet/built-payment.ts";
import type { AccountKeys } from "../../src/core/wallet/keys.ts";
import { packetTargets } from "../../src/core/wallet/packet-targets.ts";
import type { PaymentProposal, PaymentTerms } from "../../src/core/wallet/propose-payment.ts";
import { scanBlocks, type ScanBlock } from "../../src/core/wallet/scan-outputs.ts";
import { changeTerms } from "../../src/core/wallet/stake-state.ts";
import { stepWallet } from "../../src/core/wallet/step-wallet.ts";
import type { ScannedBlock } from "../../src/core/wallet/scanned-block.ts";
import { addressCount, EMPTY_WALLET, type WalletState } from "../../src/core/wallet/wallet-state.ts";
import type { LedgerBuilder } from "./ledger-builder.ts";
import { seededRandom } from "./test-random.ts";
import { curve } from "./wallet-vectors.ts";

/** A block of a test ledger as the full stream carries it. */
export function itemOf(outcome: BlockOutcome, ledger: LedgerBuilder): CompactItem {
  const { compact, tip } = outcome;
  const outputs = compact.entries.map((_, index) => {
    const leaf = leafIndex(compact.firstLeaf + index);
    return { core: decodeOutputCore(outcome.cores.get(leaf)!), payload: outcome.payloads.get(leaf) };
  });
  const nextValidators = outcome.validatorSet && decodeValidatorSet(outcome.validatorSet.bytes);
  return { header: tip.header, certificate: ledger.lastCertificate, nextValidators, compact, outputs };
}

export function scanBlockOf(item: CompactItem): ScanBlock {
  const { header, compact, outputs } = item;
  const { height, time } = header;
  return { height, timeMs: time, firstLeaf: compact.firstLeaf, entries: compact.entries, outputs: outputs! };
}

/** A wallet with its keys that reads a test ledger block by block. */
export class TestWallet {
  readonly keys: AccountKeys;
  state: WalletState;
  readonly #random;

  constructor(keys: AccountKeys, trusted: { readonly height: number; readonly time: number }, label = "test wallet") {
    this.keys = keys;
    const found = { height: trusted.height as Height, timeMs: timeMs(trusted.time) };
    this.state = stepWallet({ ...EMPTY_WALLET, account: keys.account }, { type: "chain-found", trusted: found })[0];
    this.#random = seededRandom(label);
  }

  read(item: CompactItem): void {
    const targets = packetTargets(this.state);
    const job = {
      account: this.keys.account,
      addressCount: addressCount(this.state),
      ...targets,
      blocks: [scanBlockOf(item)],
    };
    const { notes } = scanBlocks(curve, this.keys.view, structuredClone(job));
    this.state = stepWallet(this.state, { type: "blocks-scanned", blocks: [scannedBlockOf(item, notes)] })[0];
  }

  /** Builds and stores a payment. */
  pay(proposal: PaymentProposal, chainId: number, nowMs: TimeMs): BuiltPayment {
    const notes = proposal.inputs.map((leaf) => this.state.notes.get(leaf)!.note);
    const result = buildPayment(curve, this.#random, this.keys, structuredClone({ chainId, proposal, notes, nowMs }));
    if (!result.ok) throw new Error(`not built: ${result.code}`);
    const event = { type: "payment-built", proposalId: "1", proposal, built: result.payment, nowMs } as const;
    this.state = stepWallet(this.state, event)[0];
    return result.payment;
  }
}

/** By the terms of the dev network, with no multiplier but the least. */
export function scannedBlockOf(item: CompactItem, notes: ScannedBlock["notes"]): ScannedBlock {
  const { time } = item.header;
  return {
    height: item.header.height,
    timeMs: time,
    spent: item.compact.spent,
    firstLeaf: item.compact.firstLeaf,
    outputHashes: item.compact.entries.map((entry) => entry.outputHash),
    notes,
    changed: item.compact.changed.map((change) => ({ ...change, ...changeTerms(NETWORK_PARAMS.dev, [1_000], time) })),
  };
}

export function termsOf(ledger: LedgerBuilder, network: NetworkName = "dev"): PaymentTerms {
  const { chain, aux, header } = ledger.tip;
  return { network, params: chain.params, feeMultiplier: aux.epoch.multiplier, nowMs: header.time };
}

/** Puts transactions into a block by the rules of every node. */
export function extendWith(ledger: LedgerBuilder, transactions: readonly Uint8Array[], afterMs = 1_000): CompactItem {
  const decoded: Transaction[] = transactions.map(decodeTransaction);
  const transfers = decoded.map((transaction) => ({ transaction, spends: [], makes: [] }));
  return itemOf(ledger.extend(transfers, { afterMs }), ledger);
}
