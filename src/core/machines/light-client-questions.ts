import type { HeaderQuestion, TrustRun } from "./light-client-trust-state.ts";
import { update, type Draft } from "./light-client-state.ts";

/** How long a node may take over one `hdr` question. */
export const QUESTION_MS = 10_000;

export function changeTrust(draft: Draft, change: Partial<TrustRun>): void {
  update(draft, { trust: { ...draft.state.trust, ...change } });
}

/** Asks a node for headers from a height on; false if it is not connected. */
export function askHeaders(
  draft: Draft,
  node: number,
  purpose: HeaderQuestion["purpose"],
  range: { readonly from: number; readonly count: number; readonly boundariesOnly: boolean },
): boolean {
  const peer = draft.state.nodes[node]?.peer;
  if (peer === undefined) return false;
  const { questions, nextQuestionId: questionId } = draft.state.trust;
  const question = { questionId, node, peer, purpose, from: range.from, deadlineMs: draft.nowMs + QUESTION_MS };
  changeTrust(draft, { questions: [...questions, question], nextQuestionId: questionId + 1 });
  draft.effects.push({ type: "ask-headers", peer, questionId, ...range });
  return true;
}

/** The open question an answer belongs to, taken off the list; answers to others are late and mean nothing. */
export function takeQuestion(draft: Draft, questionId: number): HeaderQuestion | undefined {
  const { questions } = draft.state.trust;
  const found = questions.find((question) => question.questionId === questionId);
  if (found !== undefined) changeTrust(draft, { questions: questions.filter((each) => each !== found) });
  return found;
}

/** Questions nobody will answer any more: too late, or the connection is gone. */
export function takeLostQuestions(draft: Draft): readonly HeaderQuestion[] {
  const { nodes, trust } = draft.state;
  const lost = trust.questions.filter(
    ({ node, peer, deadlineMs }) => deadlineMs <= draft.nowMs || nodes[node]?.peer !== peer,
  );
  if (lost.length > 0) changeTrust(draft, { questions: trust.questions.filter((each) => !lost.includes(each)) });
  return lost;
}

export function isAsked(draft: Draft, node: number, purpose: HeaderQuestion["purpose"]): boolean {
  return draft.state.trust.questions.some((question) => question.node === node && question.purpose === purpose);
}
