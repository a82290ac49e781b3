import { rangeCount } from "../wallet/restore-state.ts";
import { changeRun, isServedNowhere } from "./light-client-restore.ts";
import { isUnconfirmed, type Draft, type LightClientState } from "./light-client-state.ts";

/** How often counts alone are told: every range moves them, and nobody reads faster. */
export const COUNTS_EVERY_MS = 250;

/** How far a restore has come; `RestoreView` of the API has these fields. */
export interface LightClientRestore {
  readonly rangesDone: number;
  readonly rangesTotal: number | undefined;
  readonly outputsChecked: number;
  readonly coinsFound: number;
  readonly isWaiting: boolean;
  readonly problem: "offline" | "not_served" | "nodes_refused" | undefined;
}

/** undefined when no restore is running. */
export function viewRestore(state: LightClientState): LightClientRestore | undefined {
  const restore = state.durable.wallet?.restore;
  if (restore === undefined) return undefined;
  const { firstRange, boundary, cursor, done, outputsChecked, coinsFound } = restore;
  const isKnown = boundary !== undefined && firstRange !== undefined;
  const { requests, verified, scanning, opening } = state.restore;
  const isWaiting = requests.length + verified.length + scanning.length + opening.length === 0;
  return {
    rangesDone: boundary === undefined ? 0 : rangeCount(restore) - cursor + done.size,
    rangesTotal: isKnown ? rangeCount(restore) - Math.min(firstRange, cursor) : undefined,
    outputsChecked,
    coinsFound,
    isWaiting: isWaiting || isUnconfirmed(state),
    problem: isWaiting ? findProblem(state) : undefined,
  };
}

function findProblem(state: LightClientState): LightClientRestore["problem"] {
  const { nodes, config } = state;
  if (config === undefined) return state.problem === undefined ? undefined : "offline";
  if (nodes.some(({ phase }) => phase === "connected")) return isServedNowhere({ state }) ? "not_served" : undefined;
  const isRefused = nodes.some(({ fault }) => fault === "wrong_range" || fault === "wrong_bucket");
  if (isRefused) return "nodes_refused";
  return nodes.some(({ failures }) => failures === 0) ? undefined : "offline";
}

/** Whether the view is to be told now: counts from time to time, everything else at once. */
export function tellRestore(draft: Draft): boolean {
  const { shown } = draft.state.restore;
  const view = viewRestore(draft.state);
  const text = JSON.stringify(view);
  if (text === shown?.text) return false;
  const isRead = view?.rangesDone === view?.rangesTotal;
  const steady = view && JSON.stringify({ ...view, rangesDone: isRead, outputsChecked: 0 });
  const isRecent = shown !== undefined && Math.abs(draft.nowMs - shown.atMs) < COUNTS_EVERY_MS;
  if (isRecent && steady === shown.steady) return false;
  changeRun(draft, { shown: { text, steady, atMs: draft.nowMs } });
  return true;
}
