import type { BlockView, OutputView, RawField, TransactionView } from "../../api/explorer.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import type { Header } from "../../core/chain/header.ts";
import type { OutputCore } from "../../core/chain/output.ts";
import { feeOf, inputsOf, type Transaction } from "../../core/chain/transaction.ts";
import { formatAddress } from "../../core/values/address.ts";
import { amount } from "../../core/values/amount.ts";
import type { NetworkName } from "../../core/values/network.ts";
import type { ExploredBlock, ExploredTransaction } from "./explored-block.ts";

export function viewBlock(block: ExploredBlock, network: NetworkName): BlockView {
  const { header, id, evidenceCount, isVerified } = block;
  return {
    height: header.height,
    id,
    timeMs: header.time,
    transactions: block.transactions.map((each) => viewTransaction(block, each, network)),
    paid: block.paid?.map((core) => viewOutput(core, network)),
    evidenceCount,
    isEpochEnd: header.isEpochEnd,
    isVerified,
    raw: [{ name: "block_id", value: id }, ...rawHeader(header)],
  };
}

function viewTransaction(
  { header, isVerified }: ExploredBlock,
  { txid, transaction, cores }: ExploredTransaction,
  network: NetworkName,
): TransactionView {
  return {
    txid,
    height: header.height,
    timeMs: header.time,
    kind: transaction.kind,
    fee: amount(feeOf(transaction)),
    inputCount: inputsOf(transaction).length,
    outputs: cores.map((core) => viewOutput(core, network)),
    isVerified,
    raw: [{ name: "txid", value: txid }, ...rawTransaction(transaction), ...cores.flatMap(rawOutput)],
  };
}

/** Of a coin nothing: who paid whom, and how much, nobody but the two can tell. */
function viewOutput(core: OutputCore, network: NetworkName): OutputView {
  switch (core.type) {
    case "coin":
    case "drawn":
      return { type: "private" };
    case "packet":
      return { type: "packet", shareCount: core.shares.length, expiryMs: core.expiry };
    case "public": {
      const hasReference = core.reference.some((byte) => byte !== 0);
      const reference = hasReference ? formatHex(core.reference) : undefined;
      return { type: "public", amount: core.amount, recipient: formatAddress(core.recipient, network), reference };
    }
    case "stake": {
      const validatorKey = formatHex(core.blsKey);
      return { type: "stake", amount: core.amount, validatorKey, reward: formatAddress(core.reward, network) };
    }
    default:
      return core satisfies never;
  }
}

/** The fields of a value as text, in their order: bytes as hex, names as the protocol writes them. */
function rawOf(value: object, prefix = ""): readonly RawField[] {
  return Object.entries(value).flatMap(([key, field]: [string, unknown]): readonly RawField[] => {
    const name = prefix + key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (field instanceof Uint8Array) return [{ name, value: formatHex(field) }];
    if (Array.isArray(field)) return rawList(name, field);
    if (typeof field === "object" && field !== null) return rawOf(field, `${name}.`);
    return [{ name, value: String(field) }];
  });
}

function rawList(name: string, items: readonly unknown[]): readonly RawField[] {
  if (items.every((item) => typeof item !== "object")) {
    return items.length === 0 ? [] : [{ name, value: items.join(" ") }];
  }
  return items.flatMap((item, index) => rawOf({ [index + 1]: item }, `${name}.`));
}

function rawHeader(header: Header): readonly RawField[] {
  return rawOf(header);
}

function rawTransaction(transaction: Transaction): readonly RawField[] {
  return rawOf(transaction);
}

function rawOutput(core: OutputCore, index: number): readonly RawField[] {
  return rawOf(core, `output_${index + 1}.`);
}
