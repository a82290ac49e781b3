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

/** What a balance is worth; 0 while it or the network is not known. */
export function wantedLevel(balance: Amount | undefined, thresholds: SafetyView["thresholds"]): SafetyLevel {
  if (balance === undefined || thresholds === undefined) return 0;
  return thresholds.filter((threshold) => balance >= threshold).length as SafetyLevel;
}
