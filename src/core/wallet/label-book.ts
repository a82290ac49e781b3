import { canBeLabelled, cleanLabel } from "./label.ts";
import type { WalletState } from "./wallet-state.ts";

/** With this label on a line of the history, in place of any before; without one where nothing of the text is left. */
export function setLabel(wallet: WalletState, id: string, typed: string): WalletState {
  const text = cleanLabel(typed);
  const known = wallet.labels.get(id);
  if (!canBeLabelled(id) || (known?.text ?? "") === text) return wallet;
  const labels = new Map(wallet.labels);
  if (text === "") labels.delete(id);
  else labels.set(id, { text, sequence: known?.sequence ?? nextSequence(wallet) });
  return { ...wallet, labels };
}

function nextSequence({ labels }: WalletState): number {
  return [...labels.values()].reduce((highest, { sequence }) => Math.max(highest, sequence), -1) + 1;
}
