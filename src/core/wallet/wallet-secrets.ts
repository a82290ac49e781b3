import { concatBytes } from "../bytes/concat-bytes.ts";
import { DecodeError } from "../bytes/decode-error.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { deriveAccount, SEED_SIZE, type AccountKeys, type ScanKeys } from "./keys.ts";
import { decodeViewAll, decodeViewReceived } from "./view-export.ts";

/** What a wallet of this device can do: spend, see everything, or see what others pay (AD-6). */
export type WalletTier = "seed" | "view-all" | "view-received";

/** The secret a device keeps, with the bytes of its tier: the seed, or an export of AD-6. */
export interface WalletSecrets {
  readonly tier: WalletTier;
  readonly bytes: Uint8Array;
}

/** Keys of one account as its tier has them. */
export interface WalletKeys {
  readonly tier: WalletTier;
  readonly view: ScanKeys;
  /** undefined: view only. */
  readonly spend: AccountKeys | undefined;
}

const TAG: Readonly<Record<Exclude<WalletTier, "seed">, number>> = { "view-all": 2, "view-received": 3 };
const ACCOUNT = 0;

/** A seed stands alone, 32 bytes, as wallets have always stored it; an export behind its tag is longer. */
export function encodeWalletSecrets({ tier, bytes }: WalletSecrets): Uint8Array {
  return tier === "seed" ? bytes : concatBytes(Uint8Array.of(TAG[tier]), bytes);
}

/** The inverse of {@link encodeWalletSecrets}; what stands behind the tag is {@link openWalletSecrets}' to check. */
export function decodeWalletSecrets(bytes: Uint8Array): WalletSecrets {
  if (bytes.length === SEED_SIZE) return { tier: "seed", bytes };
  const tier = (["view-all", "view-received"] as const).find((each) => TAG[each] === bytes[0]);
  if (tier === undefined) throw new DecodeError("no secrets of a wallet");
  return { tier, bytes: bytes.slice(1) };
}

/** The keys of account 0. Throws DecodeError for an export that is none, or of several accounts. */
export function openWalletSecrets(curve: CurveBackend, { tier, bytes }: WalletSecrets): WalletKeys {
  switch (tier) {
    case "seed": {
      const spend = deriveAccount(curve, bytes, ACCOUNT);
      return { tier, view: spend.view, spend };
    }
    case "view-all": {
      const [view, ...others] = decodeViewAll(curve, bytes);
      if (view === undefined || others.length > 0) throw new DecodeError("not one account");
      return { tier, view, spend: undefined };
    }
    case "view-received":
      return { tier, view: decodeViewReceived(curve, bytes), spend: undefined };
    default:
      return tier satisfies never;
  }
}
