import { SEARCH_HITS_MAX, SEARCH_TEXT_SIZE_MAX } from "../../api/limits.ts";
import type { SearchHit } from "../../api/explorer.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import type { OutputCore } from "../../core/chain/output.ts";
import { parseAddress, type AddressKeys } from "../../core/values/address.ts";
import type { NetworkName } from "../../core/values/network.ts";
import type { ExploredBlock } from "./explored-block.ts";

/** What somebody looks for. */
export type Query =
  | { readonly type: "height"; readonly height: number }
  /** Of a block or of a transaction, as hex. */
  | { readonly type: "id"; readonly id: string }
  | { readonly type: "address"; readonly keys: AddressKeys };

/** undefined: nothing that anybody could find. */
export function parseQuery(text: string, network: NetworkName): Query | undefined {
  const plain = text.trim();
  if (plain === "" || plain.length > SEARCH_TEXT_SIZE_MAX) return undefined;
  // As people write it, and as this app shows it.
  const digits = plain.replace(/(?<=\d)[\s,.’](?=\d{3}(?:\D|$))/g, "");
  if (/^\d{1,15}$/.test(digits)) return { type: "height", height: Number(digits) };
  if (/^[0-9a-f]{64}$/i.test(plain)) return { type: "id", id: plain.toLowerCase() };
  const parsed = parseAddress(plain, network);
  return parsed.ok ? { type: "address", keys: parsed.keys } : undefined;
}

/** What of these blocks, newest first, fits; nobody is asked. */
export function searchBlocks(blocks: Iterable<ExploredBlock>, query: Query): readonly SearchHit[] {
  const hits: SearchHit[] = [];
  for (const block of blocks) {
    hits.push(...hitsOf(block, query));
    if (hits.length >= SEARCH_HITS_MAX) break;
  }
  return hits.slice(0, SEARCH_HITS_MAX);
}

function hitsOf(block: ExploredBlock, query: Query): readonly SearchHit[] {
  const { height, time: timeMs } = block.header;
  switch (query.type) {
    case "height":
      return height === query.height ? [{ type: "block", height, timeMs }] : [];
    case "id": {
      if (block.id === query.id) return [{ type: "block", height, timeMs }];
      const isHere = block.transactions.some(({ txid }) => txid === query.id);
      return isHere ? [{ type: "transaction", height, timeMs, txid: query.id }] : [];
    }
    case "address": {
      const made = block.transactions.map(({ txid, cores }) => ({ txid, cores }));
      return [...made, { txid: undefined, cores: block.paid ?? [] }].flatMap(({ txid, cores }) =>
        cores
          .filter((core) => core.type === "public" && isTo(core, query.keys))
          .map((core): SearchHit => {
            const { amount } = core as Extract<OutputCore, { readonly type: "public" }>;
            return { type: "payment", height, timeMs, txid, amount };
          }),
      );
    }
    default:
      return query satisfies never;
  }
}

function isTo(core: Extract<OutputCore, { readonly type: "public" }>, keys: AddressKeys): boolean {
  const { spendKey, viewKey } = core.recipient;
  return equalBytes(spendKey, keys.spendKey) && equalBytes(viewKey, keys.viewKey);
}
