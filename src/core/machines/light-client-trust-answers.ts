import type { HeaderItem } from "../sync/compact-item.ts";
import { birthdayAnswered } from "./light-client-birthday.ts";
import { climbAnswered } from "./light-client-climb.ts";
import { clockAnswered } from "./light-client-clock.ts";
import { entryAnswered } from "./light-client-entered.ts";
import { takeLostQuestions, takeQuestion } from "./light-client-questions.ts";
import type { Draft } from "./light-client-state.ts";
import type { HeaderQuestion } from "./light-client-trust-state.ts";
import { compareAnswered, judgeAnswered } from "./light-client-witness.ts";

/** Headers for whoever has asked for them; undefined: no answer came. */
export function headersAnswered(draft: Draft, questionId: number, items: readonly HeaderItem[] | undefined): void {
  const question = takeQuestion(draft, questionId);
  if (question !== undefined) pass(draft, question, items);
}

/** Questions that were not answered in time, or whose node is gone. */
export function endLostQuestions(draft: Draft): void {
  for (const question of takeLostQuestions(draft)) pass(draft, question, undefined);
}

function pass(draft: Draft, { node, purpose, from }: HeaderQuestion, items: readonly HeaderItem[] | undefined): void {
  switch (purpose) {
    case "compare":
      compareAnswered(draft, node, items);
      return;
    case "judge":
      judgeAnswered(draft, node, items);
      return;
    case "climb":
      climbAnswered(draft, node, items);
      return;
    case "entered":
      entryAnswered(draft, items);
      return;
    case "clock":
      clockAnswered(draft, node, items);
      return;
    case "birthday":
      birthdayAnswered(draft, node, from, items);
      return;
    default:
      purpose satisfies never;
  }
}
