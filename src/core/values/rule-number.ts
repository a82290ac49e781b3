/**
 * The chapters of the protocol's rules in the order of the document. The place in this list plus one is the chapter's
 * code on the wire (11.1), so new chapters go to the end.
 */
export const RULE_CHAPTERS = [
  "EN",
  "PR",
  "AD",
  "OU",
  "PP",
  "RG",
  "TX",
  "FE",
  "SU",
  "BL",
  "CO",
  "BC",
  "ST",
  "RW",
  "AW",
  "GE",
  "LC",
  "MX",
  "MS",
  "RP",
  "PU",
  "SW",
  "NW",
] as const;
export type RuleChapter = (typeof RULE_CHAPTERS)[number];

/** A rule of the protocol as documents and tests cite it: `TX-4`. */
export type RuleNumber = `${RuleChapter}-${number}`;

/** A check that names the rule it failed. */
export type RuleResult = { readonly ok: true } | RuleFailure;
export interface RuleFailure {
  readonly ok: false;
  readonly rule: RuleNumber;
}

export const RULE_KEPT: RuleResult = { ok: true };

export function broken(rule: RuleNumber): RuleFailure {
  return { ok: false, rule };
}

/** Chapter and number as the two bytes of the answer code of 11.1. Never `0 0`, which says accepted. */
export function ruleCode(rule: RuleNumber): readonly [chapter: number, number: number] {
  const [chapter, number] = rule.split("-");
  return [RULE_CHAPTERS.indexOf(chapter as RuleChapter) + 1, Number(number)];
}

/** The rule of two code bytes; undefined for a chapter we do not know or the number 0. */
export function ruleOfCode(chapter: number, number: number): RuleNumber | undefined {
  const name = RULE_CHAPTERS[chapter - 1];
  return name === undefined || number === 0 ? undefined : `${name}-${number}`;
}
