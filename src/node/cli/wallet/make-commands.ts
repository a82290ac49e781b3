import { tryDecode } from "../../../core/bytes/decode-error.ts";
import { formatRecoveryWords } from "../../../core/values/recovery-words.ts";
import { createNobleBackend } from "../../../core/crypto/backend/noble-backend.ts";
import { formatViewAll, formatViewReceived } from "../../../core/wallet/view-key-text.ts";
import {
  decodeWalletSecrets,
  openWalletSecrets,
  type WalletKeys,
  type WalletSecrets,
} from "../../../core/wallet/wallet-secrets.ts";
import type { ClientStore } from "../../../engine/services/client-store.ts";
import { Refusal } from "../../refusal.ts";
import { storeRefusal } from "../../storage/store-refusal.ts";
import { makeWallet, withStore } from "./wallet-folder.ts";
import { birthdayMs } from "./wallet-options.ts";
import type { WalletContext, WalletSession } from "./wallet-session.ts";

/** Words or a view key, with room for spaces and a line end. */
const INPUT_SIZE_MAX = 4_096;

/** `wallet create`: a new wallet, whose words are shown this once. */
export async function create(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const made = await makeWallet(context, async (session) => {
    const { client } = session;
    const result = await client.accounts.create();
    if (!result.ok) throw new Refusal(result.code, "the wallet cannot be stored");
    const address = await session.inTime(client.accounts.address({ fresh: false }));
    return { words: await client.accounts.recoveryWords(), address };
  });
  // Shown only now that nothing can take the wallet back any more.
  if (args.has("json")) {
    output.out(JSON.stringify(made));
    return;
  }
  output.note("Write these 24 words down: they alone bring the coins back, and whoever has them has the coins.");
  output.out(made.words);
  output.note("The address to be paid at:");
  output.out(made.address);
}

/** `wallet restore`: from the words, or with `--view-only` from a view key, both read from the standard input. */
export async function restore(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const isViewOnly = args.has("view-only");
  const birthday = birthdayMs(args);
  const text = await readSecret(context, isViewOnly ? "view key: " : "24 words: ");
  const made = await makeWallet(context, async (session) => {
    const { client } = session;
    const result = isViewOnly
      ? await client.restoreView(text, birthday)
      : await client.accounts.restore({ words: text, ...(birthday === undefined ? {} : { birthdayMs: birthday }) });
    if (!result.ok) throw new Refusal(result.code, RESTORE_REFUSED[result.code] ?? "the wallet cannot be stored");
    const complete = await isFound(session);
    return { address: await session.inTime(client.accounts.address({ fresh: false })), complete };
  });
  output.out(args.has("json") ? JSON.stringify(made) : made.address);
  if (!made.complete) output.note("Not all coins were looked for yet: the next command goes on with it.");
}

const RESTORE_REFUSED: Readonly<Record<string, string>> = {
  words_invalid: "these are not the 24 words of a wallet",
  view_key_invalid: "this is no view key",
  wallet_exists: "there is a wallet in this folder already",
};

/** False when time was up first: the wallet is there, and every later command goes on looking. */
async function isFound(session: WalletSession): Promise<boolean> {
  try {
    await session.synced();
    return true;
  } catch (error) {
    const isLate = error instanceof Refusal && error.code !== "interrupted" && session.failure === undefined;
    if (isLate && error.code !== "wrong_network") return false;
    throw error;
  }
}

async function readSecret({ platform }: WalletContext, prompt: string): Promise<string> {
  const { terminal } = platform;
  const text = terminal.isInteractive ? await terminal.ask(prompt) : await terminal.readInput(INPUT_SIZE_MAX);
  return (text ?? "").trim();
}

/** `wallet words`: the 24 words again. */
export async function words(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const { secrets } = await withStore(context, readKeys);
  if (secrets.tier !== "seed") throw viewOnly("a wallet that only sees has no recovery words");
  const text = formatRecoveryWords(secrets.bytes);
  output.out(args.has("json") ? JSON.stringify({ words: text }) : text);
}

/** `wallet view-key`: a key for a wallet that only sees. */
export async function viewKey(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const isAll = args.has("all");
  const { keys } = await withStore(context, readKeys);
  const { viewAllSecret } = keys.view;
  if (isAll && viewAllSecret === undefined) throw viewOnly("this wallet sees what others pay and no more");
  const text =
    isAll && viewAllSecret !== undefined
      ? formatViewAll({ ...keys.view, viewAllSecret })
      : formatViewReceived(keys.view);
  output.note(
    isAll
      ? "Whoever has this key sees every payment to this wallet, its change, its balance and all its addresses, for ever. It spends nothing."
      : "Whoever has this key sees every payment that others make to this wallet, their notes and all its addresses, for ever. It spends nothing.",
  );
  output.out(args.has("json") ? JSON.stringify({ view_key: text, tier: isAll ? "view-all" : "view-received" }) : text);
}

/** What a wallet that only sees refuses. */
export function viewOnly(message: string): Refusal {
  return new Refusal("view_only", message);
}

function readKeys(store: ClientStore): Promise<{ readonly secrets: WalletSecrets; readonly keys: WalletKeys }> {
  const bytes = store.secrets() ?? new Uint8Array(0);
  const read = tryDecode((input) => {
    const secrets = decodeWalletSecrets(input);
    return { secrets, keys: openWalletSecrets(createNobleBackend(), secrets) };
  }, bytes);
  if (!read.ok) throw storeRefusal("storage_broken");
  return Promise.resolve(read.value);
}
