import { equalBytes } from "../bytes/compare-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import { evidenceRoot, shortId, transactionsRoot, type Block } from "../chain/block.ts";
import { certificateHash } from "../chain/certificate.ts";
import type { BlockBody } from "../chain/consensus-frames.ts";
import { blockId } from "../chain/header.ts";
import { transactionId, type Transaction } from "../chain/transaction.ts";
import type { Mempool } from "../mempool/mempool.ts";
import type { Hash } from "../values/hash.ts";

/** A block on its way to being whole. */
export interface BlockAssembly {
  readonly blockId: Hash;
  readonly body: BlockBody;
  /** In block order; undefined = not here. */
  readonly transactions: readonly (Transaction | undefined)[];
  /** The mempool has been searched: what is missing now has to come from a peer. */
  readonly isSearched: boolean;
}

/** A body as it came. The mempool is searched later, once somebody whose word counts has signed for it. */
export function newAssembly(body: BlockBody): BlockAssembly {
  return {
    blockId: blockId(body.header),
    body,
    transactions: body.shortIds.map(() => undefined),
    isSearched: false,
  };
}

/** A proposer signs the header alone, so whoever passes a body on could put other contents behind it. */
export function fitsHeader({ header, lastCertificate, evidence }: BlockBody): boolean {
  return (
    equalBytes(certificateHash(lastCertificate), header.lastCertHash) &&
    equalBytes(evidenceRoot(evidence), header.evidenceRoot)
  );
}

/** The body that stands for a whole block. */
export function blockBody(block: Block): BlockBody {
  const { header, lastCertificate, evidence, transactions } = block;
  const shortIds = transactions.map((transaction) => shortId(header.prev, transactionId(transaction)));
  return { header, lastCertificate, evidence, shortIds };
}

/** Fills in what the mempool knows. A short id that fits several held transactions counts as unknown (CO-19). */
export function searchMempool(held: BlockAssembly, mempool: Mempool): BlockAssembly {
  const { body } = held;
  const known = new Map<string, Transaction | undefined>();
  if (body.shortIds.length > 0) {
    for (const entry of mempool.entries.values()) {
      const key = formatHex(shortId(body.header.prev, entry.txid));
      known.set(key, known.has(key) ? undefined : entry.transaction);
    }
  }
  const transactions = body.shortIds.map((id) => known.get(formatHex(id)));
  const assembly = { ...held, transactions, isSearched: true };
  // Everything found and still another root: a held transaction shares a short id with the one meant. Ask for all.
  const isWrong = missingPlaces(assembly).length === 0 && wholeBlock(assembly) === undefined;
  return isWrong ? { ...assembly, transactions: body.shortIds.map(() => undefined) } : assembly;
}

/** Places whose transaction is not here yet. */
export function missingPlaces(assembly: BlockAssembly): readonly number[] {
  return assembly.transactions.flatMap((transaction, place) => (transaction === undefined ? [place] : []));
}

/** Takes the parts that fit their short id and are signed; the rest is dropped, whoever sent it. */
export function fillAssembly(
  assembly: BlockAssembly,
  parts: readonly { readonly index: number; readonly transaction: Transaction }[],
  isSigned: (transaction: Transaction) => boolean,
): BlockAssembly {
  const transactions = [...assembly.transactions];
  for (const { index, transaction } of parts) {
    const expected = assembly.body.shortIds[index];
    if (expected === undefined || transactions[index] !== undefined) continue;
    if (!equalBytes(expected, shortId(assembly.body.header.prev, transactionId(transaction)))) continue;
    if (!isSigned(transaction)) continue;
    transactions[index] = transaction;
  }
  return { ...assembly, transactions };
}

/** The block, once every transaction is here and they give txs_root; undefined before, or if the root is wrong. */
export function wholeBlock(assembly: BlockAssembly): Block | undefined {
  const transactions = assembly.transactions.filter((transaction) => transaction !== undefined);
  if (transactions.length !== assembly.transactions.length) return undefined;
  const { header, lastCertificate, evidence } = assembly.body;
  if (!equalBytes(transactionsRoot(transactions), header.txsRoot)) return undefined;
  return { header, lastCertificate, evidence, transactions };
}
