import type { RecentBlockView } from "../../api/explorer.ts";
import { DecodeError } from "../../core/bytes/decode-error.ts";
import { decodeWhole } from "../../core/bytes/reader.ts";
import { Writer } from "../../core/bytes/writer.ts";
import { BLOCK_TRANSACTIONS_MAX } from "../../core/params/limits.ts";
import { height, timeMs } from "../../core/values/height.ts";

/** Blocks that are shown beside one another, and kept: about two minutes of the chain. */
export const RECENT_BLOCKS_MAX = 60;
const VERSION = 1;

/** Ascending heights without a gap: one height, then time and count of each. */
export function encodeRecentBlocks(blocks: readonly RecentBlockView[]): Uint8Array {
  const writer = new Writer(10 + 10 * blocks.length).u8(VERSION).u8(blocks.length);
  if (blocks[0] !== undefined) writer.u64(blocks[0].height);
  return writer.list(blocks, (out, block) => out.u64(block.timeMs).u16(block.transactionCount)).finish();
}

export function decodeRecentBlocks(bytes: Uint8Array): readonly RecentBlockView[] {
  return decodeWhole(bytes, (reader) => {
    const version = reader.u8();
    if (version !== VERSION) throw new DecodeError(`record version ${version}`);
    const count = reader.u8();
    if (count > RECENT_BLOCKS_MAX) throw new DecodeError(`${count} blocks`);
    const lowest = count === 0 ? 0 : reader.u53();
    return Array.from({ length: count }, (_, index): RecentBlockView => {
      const at = height(lowest + index);
      const time = timeMs(reader.u53());
      const transactionCount = reader.u16();
      if (transactionCount > BLOCK_TRANSACTIONS_MAX) throw new DecodeError(`${transactionCount} transactions`);
      return { height: at, timeMs: time, transactionCount };
    });
  });
}
