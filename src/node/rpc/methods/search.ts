import { formatHex, parseHex } from "../../../core/bytes/hex.ts";
import { blockId, decodeHeader } from "../../../core/chain/header.ts";
import { parseAddress } from "../../../core/values/address.ts";
import { hash, HASH_SIZE } from "../../../core/values/hash.ts";
import { height } from "../../../core/values/height.ts";
import type { JsonValue } from "../json-rpc.ts";
import { networkNameOf } from "../network-file.ts";
import type { NodeView } from "../node-view.ts";
import { parseParameters, textParameter } from "../parameters.ts";
import { publicPaymentJson } from "../public-payments.ts";

/** Public payments of one answer. */
export const SEARCH_PAYMENTS_MAX = 100;
/** The longest thing anybody can look for is an address. */
const SEARCH_TEXT_SIZE_MAX = 256;

type Found = Record<"blocks" | "transactions" | "public_payments", readonly JsonValue[]> & { readonly more: boolean };

const NOTHING: Found = { blocks: [], transactions: [], public_payments: [], more: false };

/** `search {text}`: a height, a block id, a txid or an address; what fits nothing finds nothing. */
export async function search(view: NodeView, params: unknown): Promise<JsonValue> {
  const text = textParameter(parseParameters(params, ["text"]), "text", SEARCH_TEXT_SIZE_MAX).trim();
  if (/^\d{1,15}$/.test(text)) return { ...NOTHING, blocks: await findBlock(view, Number(text)) };
  if (new RegExp(`^[0-9a-f]{${2 * HASH_SIZE}}$`, "i").test(text)) return findHash(view, text.toLowerCase());
  return findPayments(view, text);
}

async function findBlock(view: NodeView, at: number): Promise<readonly JsonValue[]> {
  const bytes = await view.store.header(height(at));
  if (bytes === undefined) return [];
  const header = decodeHeader(bytes);
  return [{ height: header.height, hash: formatHex(blockId(header)), time_ms: header.time }];
}

async function findHash(view: NodeView, text: string): Promise<Found> {
  const wanted = hash(parseHex(text));
  const [at, place] = await Promise.all([view.store.heightOfBlock(wanted), view.store.placeOfTransaction(wanted)]);
  return {
    ...NOTHING,
    blocks: at === undefined ? [] : await findBlock(view, at),
    transactions: place === undefined ? [] : [{ txid: text, height: place.height }],
  };
}

async function findPayments(view: NodeView, text: string): Promise<Found> {
  const parsed = parseAddress(text, networkNameOf(view.chainId));
  if (!parsed.ok) return NOTHING;
  const found = await view.store.publicPayments(parsed.keys, SEARCH_PAYMENTS_MAX + 1);
  const payments = await Promise.all(
    found.slice(0, SEARCH_PAYMENTS_MAX).map((payment) => publicPaymentJson(view, payment)),
  );
  return { ...NOTHING, public_payments: payments.flat(), more: found.length > SEARCH_PAYMENTS_MAX };
}
