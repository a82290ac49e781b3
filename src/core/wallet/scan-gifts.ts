import { concatBytes } from "../bytes/concat-bytes.ts";
import { formatHex } from "../bytes/hex.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { deriveGiftLinkSecret, deriveGiftViewSecret } from "../red-packet/gift-secrets.ts";

/** Bytes of all tags of one secret under one D. */
const TAGS_SIZE = 64;

/**
 * Under which D a scan looks for gifts of ours (9.1). Online under those of our own coins alone: a gift never comes without
 * its change (OU-6). In a restore that may be spent and gone, so under all.
 */
export type GiftSearch = "beside_ours" | "everywhere";

/** An output with the view tag of the gift that we would have made under its D; 1 of 65536 strangers' has it too. */
export interface GiftHit {
  /** Place in the list that was scanned. */
  readonly place: number;
  /** L. */
  readonly linkSecret: Uint8Array;
}

/** Outputs that may be gifts of ours: three hashes for each distinct D. */
export function scanGifts(
  curve: CurveBackend,
  viewAllSecret: Uint8Array,
  outputs: readonly { readonly place: number; readonly ephemeralKey: Uint8Array; readonly viewTag: Uint8Array }[],
): readonly GiftHit[] {
  if (outputs.length === 0) return [];
  const numbers = new Map<string, number>();
  const distinct: Uint8Array[] = [];
  const keyNumbers = outputs.map(({ ephemeralKey }) => {
    const key = formatHex(ephemeralKey);
    const known = numbers.get(key) ?? distinct.push(ephemeralKey) - 1;
    numbers.set(key, known);
    return known;
  });
  const linkSecrets = distinct.map((ephemeralKey) => deriveGiftLinkSecret(viewAllSecret, ephemeralKey));
  const tags = curve.tagsBatch(concatBytes(...linkSecrets.map(deriveGiftViewSecret)), concatBytes(...distinct));
  return outputs.flatMap(({ place, viewTag }, index): readonly GiftHit[] => {
    const number = keyNumbers[index]!;
    // A gift is the first coin of its keys under a D.
    const at = TAGS_SIZE * number;
    const isHit = tags[at] === viewTag[0] && tags[at + 1] === viewTag[1];
    return isHit ? [{ place, linkSecret: linkSecrets[number]! }] : [];
  });
}
