import { equalBytes } from "../bytes/compare-bytes.ts";
import { evidenceRoot, transactionsRoot, type Block } from "../chain/block.ts";
import { blockId } from "../chain/header.ts";

/**
 * Whether whole blocks stand one above the other by height and hash, each with the transactions and the evidence that its
 * header names (6.1). Whether the topmost is final is another question; all below it stand and fall with it.
 */
export function areInOrder(blocks: readonly Block[]): boolean {
  return blocks.every((block, index) => {
    const below = blocks[index - 1]?.header;
    const { header, transactions, evidence } = block;
    if (below !== undefined && (header.height !== below.height + 1 || !equalBytes(header.prev, blockId(below)))) {
      return false;
    }
    return (
      equalBytes(header.txsRoot, transactionsRoot(transactions)) &&
      equalBytes(header.evidenceRoot, evidenceRoot(evidence))
    );
  });
}
