import type { HeaderItem } from "../sync/compact-item.ts";
import {
  answerBirthday,
  isVouchedFor,
  nextBirthdayQuestion,
  startBirthdaySearch,
  type BirthdayBoundary,
} from "../sync/restore-birthday.ts";
import { height, timeMs } from "../values/height.ts";
import { applyToWallet } from "./light-client-payments.ts";
import { askHeaders } from "./light-client-questions.ts";
import { changeRun, pauseNode, readyNodes, runningRestore } from "./light-client-restore.ts";
import type { Draft } from "./light-client-state.ts";

/** A day's room for a birthday named by its date, and for the clock of whoever wrote it down. */
const BIRTHDAY_MARGIN_MS = 24 * 60 * 60_000;
/** Where no boundary is vouched for everything is read. */
const NO_BIRTHDAY: BirthdayBoundary = { height: height(0), nextLeaf: 0 };

/** BL-9: looks up how far back to go, once the boundary is known. Meanwhile the newest ranges are read already. */
export function askBirthday(draft: Draft): void {
  const restore = runningRestore(draft);
  if (restore?.boundary === undefined || restore.firstRange !== undefined) return;
  const search = draft.state.restore.search ?? startBirthdaySearch(restore.boundary.height);
  changeRun(draft, { search });
  const from = nextBirthdayQuestion(search);
  if (from === undefined) {
    const best = search.best ?? NO_BIRTHDAY;
    applyToWallet(draft, { type: "restore-birthday-found", height: best.height, firstLeaf: best.nextLeaf });
    return;
  }
  if (draft.state.trust.questions.some(({ purpose }) => purpose === "birthday")) return;
  const [node] = readyNodes(draft);
  if (node !== undefined) askHeaders(draft, node, "birthday", { from, count: 1, boundariesOnly: true });
}

/** A boundary of the past, believed only if signers we know today stand behind it. */
export function birthdayAnswered(
  draft: Draft,
  node: number,
  from: number,
  items: readonly HeaderItem[] | undefined,
): void {
  const { restore, config, chain } = draft.state;
  const birthdayMs = runningRestore(draft)?.birthdayMs;
  if (restore.search === undefined || birthdayMs === undefined || config === undefined || chain === undefined) return;
  if (items === undefined) {
    pauseNode(draft, node, false);
    return;
  }
  const [item] = items;
  const isTrue = item !== undefined && isVouchedFor(draft.deps.bls, config.chainId, chain.nextValidators, item);
  const limit = timeMs(Math.max(0, birthdayMs - BIRTHDAY_MARGIN_MS));
  changeRun(draft, { search: answerBirthday(restore.search, from, isTrue ? item.header : undefined, limit) });
}
