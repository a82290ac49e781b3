import type { ClientStore } from "../../../engine/services/client-store.ts";
import { Refusal } from "../../refusal.ts";
import { hasWallet, openFileStore, removeFileStore } from "../../storage/file-client-store.ts";
import type { KeyProtection } from "../../storage/secrets-file.ts";
import type { Arguments } from "../arguments.ts";
import type { Terminal } from "./terminal.ts";
import { WalletSession, type WalletContext } from "./wallet-session.ts";

/** Opens the wallet's store, does something with it and closes it, whatever happens. */
export async function withStore<T>(
  { args, platform }: WalletContext,
  work: (store: ClientStore) => Promise<T>,
): Promise<T> {
  const directory = args.required("data");
  if (!(await hasWallet(directory))) throw new Refusal("no_wallet", "there is no wallet in this folder");
  const store = await openFileStore({
    directory,
    protection: ({ isLocked }) => (isLocked ? knownPassphrase(platform.terminal) : Promise.resolve({ type: "none" })),
  });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Opens the wallet and its client; payments that wait to be sent are sent before it closes. */
export function withWallet<T>(context: WalletContext, work: (session: WalletSession) => Promise<T>): Promise<T> {
  return withStore(context, (store) => withClient(context, store, work));
}

/** A client over a store for the time of some work. */
export async function withClient<T>(
  context: WalletContext,
  store: ClientStore,
  work: (session: WalletSession) => Promise<T>,
): Promise<T> {
  const session = await WalletSession.open(context, store);
  try {
    const result = await work(session);
    await session.sendQueued();
    return result;
  } finally {
    await session.close();
  }
}

/** Makes a wallet in a folder that has none; when that fails nothing is left behind. */
export async function makeWallet<T>(context: WalletContext, work: (session: WalletSession) => Promise<T>): Promise<T> {
  const { args, platform } = context;
  const directory = args.required("data");
  if (await hasWallet(directory)) throw new Refusal("wallet_exists", "there is a wallet in this folder already");
  const protection = await newProtection(args, platform.terminal);
  let store: ClientStore | undefined;
  try {
    store = await openFileStore({ directory, protection: () => Promise.resolve(protection) });
    const result = await withClient(context, store, work);
    await store.close();
    return result;
  } catch (error) {
    // Where opening failed another process, or a damaged wallet, may be there.
    if (store !== undefined) {
      await store.close();
      await removeFileStore(directory);
    }
    throw error;
  }
}

/** How a new wallet is kept: under a passphrase, unless somebody explicitly wants none. */
async function newProtection(args: Arguments, terminal: Terminal): Promise<KeyProtection> {
  if (args.has("no-passphrase")) return { type: "none" };
  const given = terminal.passphrase();
  if (given !== undefined && given !== "") return { type: "passphrase", passphrase: given };
  if (!terminal.isInteractive) throw passphraseNeeded();
  const passphrase = await terminal.ask("new passphrase: ");
  if (passphrase === "") throw passphraseNeeded();
  if ((await terminal.ask("once more: ")) !== passphrase) {
    throw new Refusal("passphrase_mismatch", "the two passphrases are not the same");
  }
  return { type: "passphrase", passphrase };
}

async function knownPassphrase(terminal: Terminal): Promise<KeyProtection> {
  const given = terminal.passphrase();
  if (given !== undefined && given !== "") return { type: "passphrase", passphrase: given };
  if (!terminal.isInteractive) throw passphraseNeeded();
  return { type: "passphrase", passphrase: await terminal.ask("passphrase: ") };
}

function passphraseNeeded(): Refusal {
  return new Refusal("passphrase_needed", "a passphrase is needed: set STEGOS_PASSPHRASE, or run it on a terminal");
}
