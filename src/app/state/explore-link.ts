/** What a page of the explorer shows. It stands behind `#` of `/x`, so that no server learns it. */
export type Looked =
  | { readonly type: "block"; readonly height: number }
  | { readonly type: "transaction"; readonly height: number; readonly txid: string };

/** The longest: a transaction with the greatest height there is. */
export const EXPLORE_LINK_SIZE_MAX = 83;
const BLOCK = /^b-([1-9]\d{0,15})$/;
const TRANSACTION = /^t-([1-9]\d{0,15})-([0-9a-f]{64})$/;

/** As it stands in a link: characters of base64url only, none of them a dot that a chat would eat. */
export function formatLooked(looked: Looked): string {
  return looked.type === "block" ? `b-${looked.height}` : `t-${looked.height}-${looked.txid}`;
}

/** One text for each page and nothing else; undefined for whatever a stranger may write there. */
export function parseLooked(fragment: string): Looked | undefined {
  if (fragment.length > EXPLORE_LINK_SIZE_MAX) return undefined;
  const [, height = "", txid] = TRANSACTION.exec(fragment) ?? BLOCK.exec(fragment) ?? [];
  const at = Number(height);
  if (height === "" || !Number.isSafeInteger(at)) return undefined;
  return txid === undefined ? { type: "block", height: at } : { type: "transaction", height: at, txid };
}
