import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { tryDecode } from "../../core/bytes/decode-error.ts";
import { hash32 } from "../../core/crypto/tagged-hash.ts";
import { deriveAddress, SEED_SIZE } from "../../core/wallet/keys.ts";
import type { TimeMs } from "../../core/values/height.ts";
import { formatAddress } from "../../core/values/address.ts";
import { formatRecoveryWords, parseRecoveryWords } from "../../core/values/recovery-words.ts";
import { parseViewKey } from "../../core/wallet/view-key-text.ts";
import {
  decodeWalletSecrets,
  encodeWalletSecrets,
  openWalletSecrets,
  type WalletKeys,
  type WalletSecrets,
} from "../../core/wallet/wallet-secrets.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import { networkOf } from "./views.ts";

/** Which keys were made on this device, by their hash: nobody has seen them before there is a wallet of them. */
const MADE_HERE_KEY = "made-here";

/** The accounts area of the client's API: the secrets of this device and what is derived from them. */
export class AccountsService {
  readonly #edges: LightClientEdges;
  #keys: WalletKeys | undefined;
  /** The stored bytes that the keys are of. */
  #source: Uint8Array | undefined;

  constructor(edges: LightClientEdges) {
    this.#edges = edges;
  }

  get exists(): boolean {
    return this.#edges.store.secrets() !== undefined;
  }

  /** Keys that were made here: where no wallet of them was ever stored, nobody can have been paid or shown anything. */
  get isMadeHere(): boolean {
    const [bytes, mark] = [this.#edges.store.secrets(), this.#edges.store.record(MADE_HERE_KEY)];
    return bytes !== undefined && mark !== undefined && equalBytes(mark, markOf(bytes));
  }

  /**
   * Whether keys can be had from what is stored. Any 32 bytes are a seed, so that nothing is derived yet: the first
   * multiplication of a worker takes longer than everything else before the last balance shows.
   */
  get isReadable(): boolean {
    const bytes = this.#edges.store.secrets();
    if (bytes === undefined) return true;
    const decoded = tryDecode(decodeWalletSecrets, bytes);
    return decoded.ok && (decoded.value.tier === "seed" || tryDecode(() => this.keys(), bytes).ok);
  }

  /** The keys of the wallet of this device; they stay in this worker. Throws DecodeError for secrets that are none. */
  keys(): WalletKeys | undefined {
    const bytes = this.#edges.store.secrets();
    if (this.#source !== bytes) this.forget();
    if (bytes === undefined) return undefined;
    this.#source = bytes;
    this.#keys ??= openWalletSecrets(this.#edges.curve, decodeWalletSecrets(bytes));
    return this.#keys;
  }

  /** Lets go of what was derived: the secrets are gone, or others. */
  forget(): void {
    this.#keys = undefined;
    this.#source = undefined;
  }

  /** Makes the seed and stores it before it returns; rejects as the store does. A second call changes nothing. */
  async create(run: LightClientRun): Promise<void> {
    const { store, random } = this.#edges;
    if (!this.exists) {
      const seed = random.bytes(SEED_SIZE);
      // First: keys that a kill leaves alone are known to be new, and nobody looks for coins that cannot be there.
      await store.writeIfRoom({ puts: [{ key: MADE_HERE_KEY, bytes: markOf(seed) }], deletes: [] });
      await store.putSecrets(seed);
    }
    run.post({ type: "wallet-opened" });
    await run.until((state) => state.durable.wallet !== undefined);
  }

  /** Stores the seed of these words before it returns; rejects as the store does. */
  async restore(
    run: LightClientRun,
    words: string,
    birthdayMs: TimeMs | undefined,
  ): Promise<"ok" | "words_invalid" | "wallet_exists"> {
    const parsed = parseRecoveryWords(words);
    if (!parsed.ok) return "words_invalid";
    return this.#restore(run, { tier: "seed", bytes: parsed.seed }, birthdayMs);
  }

  /** The same from secrets as a wallet stored them. */
  async restoreSecrets(run: LightClientRun, secrets: Uint8Array): Promise<"ok" | "damaged" | "wallet_exists"> {
    const decoded = tryDecode(decodeWalletSecrets, secrets);
    if (!decoded.ok || !tryDecode(() => openWalletSecrets(this.#edges.curve, decoded.value), secrets).ok)
      return "damaged";
    return this.#restore(run, decoded.value, undefined);
  }

  /** The same for a wallet that only sees, from its view key as text (AD-6). */
  async restoreView(
    run: LightClientRun,
    viewKey: string,
    birthdayMs: TimeMs | undefined,
  ): Promise<"ok" | "view_key_invalid" | "wallet_exists"> {
    const secrets = parseViewKey(this.#edges.curve, viewKey);
    return secrets === undefined ? "view_key_invalid" : this.#restore(run, secrets, birthdayMs);
  }

  async #restore(
    run: LightClientRun,
    secrets: WalletSecrets,
    birthdayMs: TimeMs | undefined,
  ): Promise<"ok" | "wallet_exists"> {
    if (this.exists) return "wallet_exists";
    await this.#edges.store.putSecrets(encodeWalletSecrets(secrets));
    run.post({ type: "wallet-opened", restore: { birthdayMs, isTyped: true } });
    await run.until((state) => state.durable.wallet !== undefined);
    return "ok";
  }

  /** Waits until the network is known: before that there is nothing others could pay to. */
  async address(run: LightClientRun, fresh: boolean): Promise<string> {
    const before = run.state.durable.wallet?.addressIndex;
    if (fresh) run.post({ type: "fresh-address-wanted" });
    const isReady = (index: number): boolean => !fresh || index !== before;
    const state = await run.until(({ durable }) => {
      return durable.wallet !== undefined && durable.anchor !== undefined && isReady(durable.wallet.addressIndex);
    });
    const network = networkOf(state);
    const keys = this.keys();
    if (network === undefined || keys === undefined) throw new Error("no wallet");
    return formatAddress(deriveAddress(this.#edges.curve, keys.view, state.durable.wallet!.addressIndex), network);
  }

  /** The 24 words; from now on they count as seen. A wallet that only sees has none. */
  async recoveryWords(run: LightClientRun): Promise<string> {
    const seed = this.#edges.store.secrets();
    if (seed === undefined || this.keys()?.tier !== "seed") throw new Error("no recovery words");
    run.post({ type: "words-seen" });
    await run.until((state) => state.durable.wallet?.wordsSeen === true);
    return formatRecoveryWords(seed);
  }
}

const markOf = (secrets: Uint8Array): Uint8Array => hash32("stg/made-here", secrets);
