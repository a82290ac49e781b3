import type { CoinCore } from "../chain/output.ts";
import type { Hash } from "../values/hash.ts";

/** A coin of a waiting transaction, with its payload. */
export interface PoolOutput {
  readonly core: CoinCore;
  /** 512 bytes. */
  readonly payload: Uint8Array;
}

/** What a node says of its mempool (NW-13). Nothing in it is authenticated. */
export type PoolItem =
  /** Waits here; its coins in the order of the transaction, outputs of other types left out. */
  | { readonly notice: "new"; readonly txid: Hash; readonly outputs: readonly PoolOutput[] }
  /** Left the mempool without a block, or in one. */
  | { readonly notice: "dropped" | "included"; readonly txid: Hash };
