import { concatBytes } from "../bytes/concat-bytes.ts";
import { tryDecode } from "../bytes/decode-error.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import { formatBech32, parseBech32 } from "../values/bech32-text.ts";
import type { ViewAllKeys, ViewReceivedKeys } from "./keys.ts";
import { encodeViewAll, encodeViewReceived } from "./view-export.ts";
import { openWalletSecrets, type WalletSecrets, type WalletTier } from "./wallet-secrets.ts";

type ViewTier = Exclude<WalletTier, "seed">;

/** The same on every network, as the seed is. */
const PREFIX: Readonly<Record<ViewTier, string>> = { "view-all": "stgviewall", "view-received": "stgview" };
const TIERS: readonly ViewTier[] = ["view-all", "view-received"];
const VERSION = 1;
const TEXT_LENGTH_MAX = 256;

/** View-all of one account as a line of text: bech32m of `0x01 ‖ export of AD-6`. */
export function formatViewAll(view: ViewAllKeys): string {
  return formatExport("view-all", encodeViewAll([view]));
}

/** View-received likewise, under another prefix. */
export function formatViewReceived(view: ViewReceivedKeys): string {
  return formatExport("view-received", encodeViewReceived(view));
}

function formatExport(tier: ViewTier, bytes: Uint8Array): string {
  return formatBech32(PREFIX[tier], concatBytes(Uint8Array.of(VERSION), bytes));
}

/** Secrets for a wallet that only sees; undefined for any text but those of this module. */
export function parseViewKey(curve: CurveBackend, text: string): WalletSecrets | undefined {
  const parsed = parseBech32(text, TEXT_LENGTH_MAX);
  const tier = TIERS.find((each) => PREFIX[each] === parsed?.prefix);
  if (parsed === undefined || tier === undefined || parsed.bytes[0] !== VERSION) return undefined;
  const secrets = { tier, bytes: parsed.bytes.slice(1) };
  const opened = tryDecode(() => openWalletSecrets(curve, secrets), parsed.bytes);
  return opened.ok ? secrets : undefined;
}
