import type { SafetyView } from "../../api/views.ts";
import type { Amount } from "../../core/values/amount.ts";

/** 0: only here · 1: a passkey · 2: a backup file · 3: the words. Each counts from its check on. */
export type SafetyLevel = 0 | 1 | 2 | 3;

/** The best way back that stood its check. */
export function safetyLevel(view: SafetyView): SafetyLevel {
  if (view.wordsCheckedMs !== undefined) return 3;
  if (view.kitCheckedMs !== undefined) return 2;
  return view.passkeys.some(({ holdsSeed }) => holdsSeed) ? 1 : 0;
}

/** What goes with one of the passkeys. */
export interface Removal {
  readonly holdsSeed: boolean;
  /** No way back that stood its check would be left. */
  readonly isLastWayBack: boolean;
  /** Opening the wallet would ask for nothing any more. */
  readonly isLastLock: boolean;
}

/** What the wallet loses with a passkey, for whoever is about to remove it. */
export function removalOf(view: SafetyView, credentialId: Uint8Array): Removal {
  const isIt = (passkey: SafetyView["passkeys"][number]): boolean => passkey.credentialId === credentialId;
  const after = { ...view, passkeys: view.passkeys.filter((passkey) => !isIt(passkey)) };
  return {
    holdsSeed: view.passkeys.some((passkey) => isIt(passkey) && passkey.holdsSeed),
    isLastWayBack: safetyLevel(view) > 0 && safetyLevel(after) === 0,
    isLastLock: !view.hasPin && after.passkeys.length === 0,
  };
}

/** What a balance is worth; 0 while it or the network is not known. */
export function wantedLevel(balance: Amount | undefined, thresholds: SafetyView["thresholds"]): SafetyLevel {
  if (balance === undefined || thresholds === undefined) return 0;
  return thresholds.filter((threshold) => balance >= threshold).length as SafetyLevel;
}
