import type { ClientStore } from "../../../engine/services/client-store.ts";
import { Refusal } from "../../refusal.ts";
import { hasWallet, openFileStore, removeFileStore } from "../../storage/file-client-store.ts";
import type { KeyProtection } from "../../storage/secrets-file.ts";
import type { Arguments } from "../arguments.ts";
import type { WalletPlatform } from "./wallet-platform.ts";
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
    protection: ({ isLocked }) => (isLocked ? knownPassphrase(platform) : Promise.resolve({ type: "none" })),
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
  if (await hasWallet(directory)) throw walletExists();
  const protection = await newProtection(args, platform);
  // Where opening fails another process, or a damaged wallet, may be there.
  const store = await openFileStore({ directory, protection: () => Promise.resolve(protection) });
  if (store.secrets() !== undefined) {
    // Another command made it while a passphrase was typed here: it is not ours to take away.
    await store.close();
    throw walletExists();
  }
  try {
    const result = await withClient(context, store, work);
    await store.close();
    return result;
  } catch (error) {
    await removeFileStore(directory, store);
    throw error;
  }
}

function walletExists(): Refusal {
  return new Refusal("wallet_exists", "there is a wallet in this folder already");
}

/** How a new wallet is kept: under a passphrase, unless somebody explicitly wants none. */
async function newProtection(args: Arguments, platform: WalletPlatform): Promise<KeyProtection> {
  const { terminal } = platform;
  if (args.has("no-passphrase")) return { type: "none" };
  const given = terminal.passphrase();
  if (given !== undefined && given !== "") return protectedBy(given, platform);
  if (!terminal.isInteractive) throw passphraseNeeded();
  const passphrase = await terminal.ask("new passphrase: ");
  if (passphrase === "") throw passphraseNeeded();
  if ((await terminal.ask("once more: ")) !== passphrase) {
    throw new Refusal("passphrase_mismatch", "the two passphrases are not the same");
  }
  return protectedBy(passphrase, platform);
}

async function knownPassphrase(platform: WalletPlatform): Promise<KeyProtection> {
  const { terminal } = platform;
  const given = terminal.passphrase();
  if (given !== undefined && given !== "") return protectedBy(given, platform);
  if (!terminal.isInteractive) throw passphraseNeeded();
  return protectedBy(await terminal.ask("passphrase: "), platform);
}

function protectedBy(passphrase: string, { passphraseCostLog2 }: WalletPlatform): KeyProtection {
  const cost = passphraseCostLog2 === undefined ? {} : { costLog2: passphraseCostLog2 };
  return { type: "passphrase", passphrase, ...cost };
}

function passphraseNeeded(): Refusal {
  return new Refusal("passphrase_needed", "a passphrase is needed: set STEGOS_PASSPHRASE, or run it on a terminal");
}
