import { equalBytes } from "../bytes/compare-bytes.ts";
import { outputHash, type OutputCore } from "../chain/output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { deriveKeyOffset, deriveOneTimeKey } from "../crypto/output-keys.ts";
import type { Scalar } from "../crypto/scalar.ts";
import {
  deriveGiftLinkSecret,
  deriveGiftSpendKey,
  deriveGiftSpendSecret,
  deriveGiftViewSecret,
} from "../red-packet/gift-secrets.ts";
import type { Amount } from "../values/amount.ts";
import { deriveOutputSecret, type AccountKeys } from "./keys.ts";
import type { Note } from "./note.ts";
import type { OpenedNote } from "./opened-note.ts";
import { buildOwnCoin, openAmount, type CoinSecrets } from "./output-secrets.ts";

/** A gift is the only coin of its keys under a D. */
const GIFT_COUNTER = 0;

/** The coin of a gift (9.1): made as an own one is (OU-5), but with keys out of L. On the chain it is like any other. */
export function buildGiftCoin(
  curve: CurveBackend,
  linkSecret: Uint8Array,
  ephemeralKey: Uint8Array,
  amount: Amount,
): CoinSecrets {
  const to = { spendKey: deriveGiftSpendKey(curve, linkSecret) };
  return buildOwnCoin(curve, deriveGiftViewSecret(linkSecret), ephemeralKey, to, amount, GIFT_COUNTER);
}

/** What a link opens at its leaf. undefined for whatever is not this link's gift, with no word about why (OU-10). */
export function openGift(
  curve: CurveBackend,
  linkSecret: Uint8Array,
  core: OutputCore,
  owner: { readonly account: number; readonly isOwn: boolean },
): OpenedNote | undefined {
  if (core.type !== "coin") return undefined;
  const opened = openAmount(curve, core, deriveGiftViewSecret(linkSecret), GIFT_COUNTER);
  if (opened === undefined) return undefined;
  const keyOffset = deriveKeyOffset(curve, opened.context, core.commitment);
  const expected = deriveOneTimeKey(curve, deriveGiftSpendKey(curve, linkSecret), keyOffset);
  if (!equalBytes(expected, core.oneTimeKey)) return undefined;
  return {
    amount: opened.value,
    blinding: opened.blinding,
    oneTimeKey: core.oneTimeKey,
    keyOffset,
    account: owner.account,
    addressIndex: 0,
    isInternal: true,
    ephemeralKey: core.ephemeralKey,
    counter: GIFT_COUNTER,
    memo: undefined,
    outputHash: outputHash(core),
    packet: { type: "gift", linkSecret, isOwn: owner.isOwn },
  };
}

/** The same for whoever follows a link: a gift of his own he could have found without it. */
export function openLinkedGift(
  curve: CurveBackend,
  { account, view }: Pick<AccountKeys, "account" | "view">,
  linkSecret: Uint8Array,
  core: OutputCore,
): OpenedNote | undefined {
  const own = deriveGiftLinkSecret(view.viewAllSecret, core.ephemeralKey);
  return openGift(curve, linkSecret, core, { account, isOwn: equalBytes(own, linkSecret) });
}

/** x of a note (2.3): of a gift k + k_o, of all others a_j·k_s + k_o. MUST NOT leave the wallet (AD-5). */
export function noteSecret(curve: CurveBackend, keys: AccountKeys, note: Note): Scalar {
  const { packet, keyOffset } = note;
  if (packet?.type !== "gift") return deriveOutputSecret(curve, keys, note.addressIndex, keyOffset);
  return curve.scalars.add(deriveGiftSpendSecret(curve, packet.linkSecret), keyOffset);
}
