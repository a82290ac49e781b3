import { describe, expect, it } from "vitest";
import { NETWORK_PARAMS } from "../../../../src/core/params/network-params.ts";
import type { HeaderItem } from "../../../../src/core/sync/compact-item.ts";
import {
  answerBirthday,
  isVouchedFor,
  nextBirthdayQuestion,
  startBirthdaySearch,
} from "../../../../src/core/sync/restore-birthday.ts";
import { height, timeMs } from "../../../../src/core/values/height.ts";
import { ClientChain } from "../../../support/client-chain.ts";
import { CHAIN_ID, testValidators, validatorsOf } from "../../../support/consensus-chain.ts";
import { fakeBls } from "../../../support/fake-bls.ts";

const chain = new ClientChain(NETWORK_PARAMS.dev, testValidators(fakeBls, [4, 3, 2]));
for (let at = 1; at <= 200; at++) chain.add({ isEpochEnd: at % 7 === 0, afterMs: 10_000 });
const today = chain.headerItem(196).nextValidators!;

/** Searches among honest nodes; counts the questions. */
function search(birthday: number, answer = (from: number): HeaderItem | undefined => chain.boundaries(from, 1)[0]) {
  let state = startBirthdaySearch(height(196));
  let questions = 0;
  for (let from = nextBirthdayQuestion(state); from !== undefined; from = nextBirthdayQuestion(state)) {
    const item = answer(from);
    const isTrue = item !== undefined && isVouchedFor(fakeBls, CHAIN_ID, today, item);
    state = answerBirthday(state, from, isTrue ? item.header : undefined, timeMs(birthday));
    questions++;
  }
  return { best: state.best, questions };
}

describe("looking up a birthday", () => {
  const timeAt = (at: number): number => chain.items[at]!.header.time;

  it("[BL-9] finds the newest boundary that is not later", () => {
    for (const at of [7, 8, 13, 14, 98, 100, 188, 189, 195]) {
      const newest = Math.min(189, 7 * Math.floor(at / 7));
      expect(search(timeAt(at)).best?.height).toBe(newest);
    }
    expect(search(timeAt(189)).questions).toBeLessThanOrEqual(9);
  });

  it("[BL-9] finds none below the first boundary that anybody has signed", () => {
    expect(search(timeAt(6)).best).toBeUndefined();
  });

  it("a node that makes up headers, leaves some out or answers nothing makes us read more, never less", () => {
    const honest = search(timeAt(100)).best!;
    const early = (item: HeaderItem): HeaderItem => ({
      ...item,
      header: { ...item.header, time: timeMs(0), nextLeaf: 99 },
    });
    expect(search(timeAt(100), (from) => early(chain.boundaries(from, 1)[0]!)).best).toBeUndefined();
    expect(search(timeAt(100), () => undefined).best).toBeUndefined();
    for (const from of [0, 50, 140]) {
      const found = search(timeAt(100), () => chain.boundaries(from, 1)[0]).best;
      expect(found?.height ?? 0).toBeLessThanOrEqual(honest.height);
    }
  });

  it("[LC-2] believes a header only behind which more than a third of today's power stands", () => {
    const item = chain.headerItem(49);
    const set = item.nextValidators!;
    const strangers = validatorsOf(
      fakeBls,
      new Map([
        [40, 9],
        [41, 9],
        [42, 9],
      ]),
    ).set;
    expect(isVouchedFor(fakeBls, CHAIN_ID, set, item)).toBe(true);
    expect(isVouchedFor(fakeBls, CHAIN_ID, strangers, item)).toBe(false);
    // All three signed: 9 of 27 is exactly a third, 9 of 26 is more.
    expect(isVouchedFor(fakeBls, CHAIN_ID, [...set, { ...strangers[0]!, power: 18 }], item)).toBe(false);
    expect(isVouchedFor(fakeBls, CHAIN_ID, [...set, { ...strangers[0]!, power: 17 }], item)).toBe(true);
    expect(isVouchedFor(fakeBls, CHAIN_ID + 1, set, item)).toBe(false);
    expect(isVouchedFor(fakeBls, CHAIN_ID, set, { ...item, nextValidators: undefined })).toBe(false);
    expect(isVouchedFor(fakeBls, CHAIN_ID, set, { ...item, nextValidators: strangers })).toBe(false);
    expect(isVouchedFor(fakeBls, CHAIN_ID, set, chain.items[50]!)).toBe(false);
    const few = { ...item.certificate, signers: [true, false, false] };
    expect(isVouchedFor(fakeBls, CHAIN_ID, set, { ...item, certificate: few })).toBe(false);
  });
});
