import type { ClientApi } from "../../api/client-api.ts";
import type { ChangeLockResult, PasskeyView, Unlock } from "../../api/lock.ts";
import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { KEY_SALT_SIZE, PASSPHRASE_COST_LOG2 } from "../../core/crypto/key-derivation.ts";
import type { Random } from "../../core/ports/random.ts";
import { parsePin } from "../../core/values/pin.ts";
import {
  findSlot,
  type LockSlot,
  makePasskeySlot,
  makePinSlot,
  openSlot,
  PASSKEYS_MAX,
} from "../storage/lock-slots.ts";
import { storageError } from "../storage/storage-error.ts";
import type { LockableStore } from "../storage/wallet-store.ts";

export interface LockServiceOptions {
  readonly store: LockableStore;
  readonly random: Random;
  /** For tests: scrypt's cost of new PINs. */
  readonly costLog2?: number;
  readonly now?: () => number;
}

const PRF_SIZE = 32;

/** The ways into the wallet of an open store, as its owner changes them. */
export class LockService {
  readonly #store: LockableStore;
  readonly #random: Random;
  readonly #costLog2: number;
  readonly #now: () => number;

  constructor({ store, random, costLog2 = PASSPHRASE_COST_LOG2, now = Date.now }: LockServiceOptions) {
    this.#store = store;
    this.#random = random;
    this.#costLog2 = costLog2;
    this.#now = now;
  }

  get passkeys(): readonly PasskeyView[] {
    return this.#store.slots.flatMap((slot) => {
      if (slot.type !== "passkey") return [];
      const { credentialId, addedMs, holdsSeed } = slot;
      return [{ credentialId, addedMs, holdsSeed }];
    });
  }

  get hasPin(): boolean {
    return this.#store.slots.some(({ type }) => type === "pin");
  }

  readonly setPin: ClientApi["safety"]["setPin"] = async (text) => {
    const parsed = parsePin(text);
    if (!parsed.ok) return parsed;
    const { pin } = parsed;
    const salt = this.#random.bytes(KEY_SALT_SIZE);
    return this.#change((walletKey, slots) => {
      const slot = makePinSlot(walletKey, pin, salt, this.#costLog2);
      return [proven(slot, { type: "pin", pin }, walletKey), ...slots.filter(({ type }) => type !== "pin")];
    });
  };

  readonly removePin: ClientApi["safety"]["removePin"] = () => {
    return this.#change((_walletKey, slots) => slots.filter(({ type }) => type !== "pin"));
  };

  readonly addPasskey: ClientApi["safety"]["addPasskey"] = async (passkey) => {
    const { credentialId, prf } = passkey;
    if (prf.length !== PRF_SIZE) return { ok: false, code: "no_prf" };
    const isOther = (slot: LockSlot): boolean => slot.type === "pin" || !equalBytes(slot.credentialId, credentialId);
    if (this.#store.slots.filter((slot) => slot.type === "passkey" && isOther(slot)).length >= PASSKEYS_MAX)
      return { ok: false, code: "too_many" };
    const salt = this.#random.bytes(KEY_SALT_SIZE);
    return this.#change((walletKey, slots) => {
      const slot = makePasskeySlot(walletKey, passkey, salt, this.#now());
      return [...slots.filter(isOther), proven(slot, { type: "passkey", credentialId, prf }, walletKey)];
    });
  };

  readonly removePasskey: ClientApi["safety"]["removePasskey"] = (credentialId) => {
    return this.#change((_walletKey, slots) =>
      slots.filter((slot) => slot.type === "pin" || !equalBytes(slot.credentialId, credentialId)),
    );
  };

  async #change(make: Parameters<LockableStore["protect"]>[0]): Promise<ChangeLockResult> {
    try {
      await this.#store.protect(make);
      return { ok: true };
    } catch (error) {
      const { code } = storageError(error);
      // Another engine has the wallet now: this one is about to hear of it.
      if (code === "stale") throw error;
      return { ok: false, code: code === "storage_full" ? code : "storage_failed" };
    }
  }
}

/** A slot that has been opened once. Nothing is sealed behind one that does not open. */
function proven<Slot extends LockSlot>(slot: Slot, unlock: Unlock, walletKey: Uint8Array): Slot {
  const opened = findSlot([slot], unlock) === slot ? openSlot(slot, unlock) : undefined;
  if (opened === undefined || !equalBytes(opened, walletKey)) throw new Error("a slot that does not open");
  return slot;
}
