import type { PasskeyFault, Passkeys } from "../../src/app/client/passkeys.ts";

/**
 * Passkeys without a browser's question. `holding`: they hold what they are given; `plain`: they do not; any other name is
 * the fault with which they refuse.
 */
export function fakePasskeys(name: string | null): Passkeys {
  const prf = new Uint8Array(32).fill(7);
  const credentialId = new Uint8Array(20).fill(1);
  const isHolding = name === null || name === "holding";
  const isWorking = isHolding || name === "plain";
  const refused = { ok: false, code: name as PasskeyFault } as const;
  let blob: Uint8Array | undefined = isHolding ? new Uint8Array(77) : undefined;
  return {
    isSupported: name !== "unsupported",
    make: () => Promise.resolve(isWorking ? { ok: true, credentialId, prf, canHold: isHolding } : refused),
    ask: (_known, store) => {
      if (!isWorking) return Promise.resolve(refused);
      if (store !== undefined) blob = store;
      return Promise.resolve({ ok: true, credentialId, prf, blob, isStored: store !== undefined });
    },
  };
}
