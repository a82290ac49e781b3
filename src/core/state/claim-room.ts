import type { Transaction } from "../chain/transaction.ts";
import { BLOCK_CLAIMS_MAX, BLOCK_PACKET_CLAIMS_MAX, BLOCK_WORK_CLAIMS_MAX } from "../params/limits.ts";
import type { LeafIndex } from "../values/height.ts";

/** Room of one block for what pays no fee: claims and take-backs, of each packet, and with work (0.5). */
export class ClaimRoom {
  readonly #ofPacket = new Map<LeafIndex, number>();
  #inAll = 0;
  #withWork = 0;

  /** Is there room for one more? For whatever pays always. */
  isFor(transaction: Transaction): boolean {
    if (transaction.kind !== "claim" && transaction.kind !== "take-back") return true;
    if (this.#inAll >= BLOCK_CLAIMS_MAX) return false;
    if (hasWork(transaction) && this.#withWork >= BLOCK_WORK_CLAIMS_MAX) return false;
    return (this.#ofPacket.get(transaction.packetLeaf) ?? 0) < BLOCK_PACKET_CLAIMS_MAX;
  }

  take(transaction: Transaction): void {
    if (transaction.kind !== "claim" && transaction.kind !== "take-back") return;
    const { packetLeaf } = transaction;
    this.#inAll++;
    if (hasWork(transaction)) this.#withWork++;
    this.#ofPacket.set(packetLeaf, (this.#ofPacket.get(packetLeaf) ?? 0) + 1);
  }
}

function hasWork(transaction: Transaction): boolean {
  return transaction.kind === "claim" && transaction.gate.mode === "chance";
}
