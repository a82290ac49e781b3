import { concatBytes } from "../bytes/concat-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { deriveGiftLinkSecret, deriveGiftViewSecret } from "../red-packet/gift-secrets.ts";

/** Bytes of all tags of one secret under one D. */
const TAGS_SIZE = 64;

/** One of our own gifts as a scan looks for it. */
export interface GiftKey {
  readonly index: number;
  readonly linkSecret: Uint8Array;
  /** ss. */
  readonly viewSecret: Uint8Array;
}

/** What a scan looks for (9.1). */
export interface GiftSearch {
  /** The first so many gifts of the wallet: those it knows and some more. */
  readonly count: number;
  /** Under every D; else under those of our own coins alone. In a restore the change of a gift may be spent and gone. */
  readonly everywhere: boolean;
}

/** Keys of the first `count` gifts of a wallet. */
export function giftKeys(viewAllSecret: Uint8Array, count: number): readonly GiftKey[] {
  return Array.from({ length: count }, (_, index) => {
    const linkSecret = deriveGiftLinkSecret(viewAllSecret, index);
    return { index, linkSecret, viewSecret: deriveGiftViewSecret(linkSecret) };
  });
}

/** An output with the view tag of a gift of ours; 1 of 65536 strangers' has it too, for each gift. */
export interface GiftHit {
  /** Place in the list that was scanned. */
  readonly place: number;
  readonly gift: GiftKey;
}

/**
 * Outputs that may be gifts of ours. It takes a hash for each gift and distinct D, so online only those D are looked at
 * that our own coins have as well: a gift never comes without its change (OU-6).
 */
export function scanGifts(
  curve: CurveBackend,
  gifts: readonly GiftKey[],
  outputs: readonly { readonly place: number; readonly ephemeralKey: Uint8Array; readonly viewTag: Uint8Array }[],
): readonly GiftHit[] {
  if (gifts.length === 0 || outputs.length === 0) return [];
  const numbers = new Map<string, number>();
  const distinct: Uint8Array[] = [];
  const keyNumbers = outputs.map(({ ephemeralKey }) => {
    const key = formatHex(ephemeralKey);
    const known = numbers.get(key) ?? distinct.push(ephemeralKey) - 1;
    numbers.set(key, known);
    return known;
  });
  const packed = concatBytes(...distinct);
  return gifts.flatMap((gift) => {
    const tags = curve.tagsBatch(gift.viewSecret, packed);
    return outputs.flatMap(({ place, viewTag }, index): readonly GiftHit[] => {
      // A gift is the first coin of its keys under a D.
      const at = TAGS_SIZE * keyNumbers[index]!;
      return tags[at] === viewTag[0] && tags[at + 1] === viewTag[1] ? [{ place, gift }] : [];
    });
  });
}
