import type { ClientApi } from "../../api/client-api.ts";
import type { LightClient } from "../../engine/services/light-client.ts";
import type { LockService } from "./lock-service.ts";

/** What the safety area needs of a client: the wallet once it is open, its lock, and how to end it all. */
export interface OpenWallet {
  opened(): Promise<Pick<LightClient, "safety">>;
  lockService(): LockService;
  lock(): Promise<void>;
}

/** The safety area of the client's API: what the wallet can do by itself, and the lock of this browser. */
export function safetyCalls(client: OpenWallet): ClientApi["safety"] {
  const lock = async (): Promise<LockService> => {
    await client.opened();
    return client.lockService();
  };
  return {
    view: async () => {
      const { safety } = await client.opened();
      const { hasPin, passkeys } = client.lockService();
      return { ...safety.view(), hasPin, passkeys };
    },
    checkWords: async (entries) => (await client.opened()).safety.checkWords(entries),
    sealForPasskey: async (prf) => (await client.opened()).safety.sealForPasskey(prf),
    makeKit: async (request) => (await client.opened()).safety.makeKit(request),
    checkKit: async (request) => (await client.opened()).safety.checkKit(request),
    setPin: async (pin) => (await lock()).setPin(pin),
    removePin: async () => (await lock()).removePin(),
    addPasskey: async (passkey) => (await lock()).addPasskey(passkey),
    removePasskey: async (credentialId) => (await lock()).removePasskey(credentialId),
    lock: () => client.lock(),
  };
}
