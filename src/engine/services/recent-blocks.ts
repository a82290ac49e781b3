import type { RecentBlockView } from "../../api/explorer.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { DecodeError, tryDecode } from "../../core/bytes/decode-error.ts";
import type { Block } from "../../core/chain/block.ts";
import { blockId } from "../../core/chain/header.ts";
import { areInOrder } from "../../core/sync/block-run.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import type { Hash } from "../../core/values/hash.ts";
import { height } from "../../core/values/height.ts";
import { BLOCK_BLOCKS_MAX } from "../../wire/limits.ts";
import { readBlocks } from "./block-requests.ts";
import type { ClientStore } from "./client-store.ts";
import { HeldLine, type Line } from "./held-line.ts";
import type { LookupNodes } from "./lookup-nodes.ts";
import type { NetworkEdges } from "./network-edges.ts";
import { decodeRecentBlocks, encodeRecentBlocks, RECENT_BLOCKS_MAX } from "./recent-record.ts";

const KEY = "recent-blocks";

/** What is followed to, and whom to ask. */
export interface RecentGround {
  readonly config: NetworkConfig;
  readonly nodes: LookupNodes;
  readonly newest: Pick<TrustedHeader, "header" | "blockId">;
}

/**
 * The newest blocks whole, for how many transactions stand in them. Asked for while somebody looks, up to the newest
 * header that this device has verified, so the question says where the chain stands and nothing else; whatever does not
 * lead up to that header by hash is thrown away. Counts outlive a restart.
 */
export class RecentBlocks {
  readonly #edges: NetworkEdges & { readonly store: ClientStore };
  readonly #line: HeldLine;
  #blocks: readonly RecentBlockView[];
  /** Id of the last of them; undefined after a restart, where they are shown and not built upon. */
  #tip: Hash | undefined;
  #asking: Promise<void> | undefined;

  constructor(edges: NetworkEdges & { readonly store: ClientStore }) {
    this.#edges = edges;
    this.#line = new HeldLine(edges);
    this.#blocks = this.#kept();
  }

  get blocks(): readonly RecentBlockView[] {
    return this.#blocks;
  }

  /** Goes on in the background; resolves with what is known then. One question at a time. */
  async follow(ground: RecentGround): Promise<readonly RecentBlockView[]> {
    this.#asking ??= this.#follow(ground).finally(() => (this.#asking = undefined));
    await this.#asking;
    return this.#blocks;
  }

  /** After an erase, or on another chain. */
  forget(): void {
    this.#blocks = [];
    this.#tip = undefined;
  }

  /** Nobody is asked any more. */
  end(): Promise<void> {
    return this.#line.end();
  }

  async #follow({ config, nodes, newest }: RecentGround): Promise<void> {
    const top = newest.header.height;
    const last = this.#tip === undefined ? undefined : this.#blocks.at(-1);
    if (last !== undefined && last.height >= top) return;
    const lowest = Math.max(1, top - RECENT_BLOCKS_MAX + 1);
    const isNext = last !== undefined && last.height + 1 >= lowest;
    const from = isNext ? last.height + 1 : lowest;
    if (from > top) return;
    const tip = isNext ? this.#tip : undefined;
    const read = await this.#line.use(config, nodes, async (line) => {
      const blocks = await this.#read(line, from, top);
      const isJoined = tip === undefined || equalBytes(blocks[0]!.header.prev, tip);
      if (!isJoined || !areInOrder(blocks) || !equalBytes(blockId(blocks.at(-1)!.header), newest.blockId)) {
        throw new DecodeError("blocks that do not lead to the header we know");
      }
      return blocks;
    });
    if (read === undefined) return;
    const fresh = read.map(({ header, transactions }): RecentBlockView => {
      return { height: header.height, timeMs: header.time, transactionCount: transactions.length };
    });
    this.#blocks = [...(isNext ? this.#blocks : []), ...fresh].slice(-RECENT_BLOCKS_MAX);
    this.#tip = newest.blockId;
    await this.#keep();
  }

  async #read({ host, peer }: Line, from: number, top: number): Promise<readonly Block[]> {
    const blocks: Block[] = [];
    for (let at = from; at <= top; at += BLOCK_BLOCKS_MAX) {
      const count = Math.min(BLOCK_BLOCKS_MAX, top - at + 1);
      const read = await readBlocks(this.#edges.requests, host, peer, { from: height(at), count });
      if (read.length !== count) throw new DecodeError("fewer blocks than there are");
      blocks.push(...read);
    }
    return blocks;
  }

  /** A store that refuses it costs a picture and no more. */
  async #keep(): Promise<void> {
    const bytes = encodeRecentBlocks(this.#blocks);
    await this.#edges.store.write({ puts: [{ key: KEY, bytes }], deletes: [] }).catch(() => undefined);
  }

  #kept(): readonly RecentBlockView[] {
    const bytes = this.#edges.store.record(KEY);
    const decoded = bytes && tryDecode(decodeRecentBlocks, bytes);
    return decoded?.ok === true ? decoded.value : [];
  }
}
