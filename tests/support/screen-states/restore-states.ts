import type { Page } from "playwright-core";
import type { ProofCheck } from "../../../src/api/client-api.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { answer, hook, RESTORING, showRestore } from "../app-visitor.ts";
import { fakeAddress } from "../fake-client.ts";
import type { NextState, ScreenState } from "./screen-state.ts";

const PROOF = { to: fakeAddress(1), amount: amount(12_500_000n), height: 9_000, leaf: 4, outputHash: "" };

async function check(page: Page, checkProof: ProofCheck): Promise<void> {
  await answer(page, { checkProof });
  await hook(page, "check-text").fill("dstgproof1fake");
  await hook(page, "check-submit").click();
  const verdict = checkProof.ok ? ":not([data-code])" : `[data-code="${checkProof.code}"]`;
  await page.locator(`[data-testid="check-result"]${verdict}`).waitFor();
}

const checked = (name: string, result: ProofCheck): NextState => ({
  name: `check, ${name}`,
  then: (page) => check(page, result),
});

const typed = (name: string, phrase: string): NextState => ({
  name: `restore, ${name}`,
  then: (page) => hook(page, "restore-phrase").fill(phrase),
});

/** Restoring a wallet, and proofs of payment. */
export const RESTORE_STATES: readonly ScreenState[] = [
  {
    name: "restore",
    path: "/restore",
    scene: "new",
    isPictured: true,
    next: [
      typed("a wrong word", "abandon abilty able"),
      typed("too many words", "abandon ".repeat(25)),
      typed("words that do not fit", "abandon ".repeat(24)),
      {
        name: "restore, unfinished",
        then: async (page) => {
          await hook(page, "restore-phrase").fill("");
          await hook(page, "restore-birthday").fill("2099-01-01");
          await hook(page, "restore-submit").click();
        },
      },
    ],
  },
  { name: "restore, with a wallet", path: "/restore", scene: "full" },
  {
    name: "restoring",
    path: "/pay",
    scene: "full",
    then: (page) => showRestore(page, RESTORING),
    isPictured: true,
    next: [
      {
        name: "stop restoring",
        then: (page) => page.getByRole("button", { name: /停止恢复|Stop restoring/ }).click(),
      },
    ],
  },
  {
    name: "restoring, waiting",
    path: "/pay",
    scene: "checking",
    then: (page) => showRestore(page, { ...RESTORING, rangesTotal: undefined, isWaiting: true, problem: "not_served" }),
  },
  {
    name: "restored, nothing found",
    path: "/pay",
    scene: "empty",
    then: (page) => showRestore(page, { ...RESTORING, coinsFound: 0 }).then(() => showRestore(page, undefined)),
  },
  {
    name: "proof",
    path: "/pay/history",
    scene: "full",
    then: async (page) => {
      await hook(page, "history-row").last().getByRole("button").click();
      await hook(page, "proof-open").click();
      await page.locator("dialog svg[role=img]").waitFor();
    },
    isPictured: true,
  },
  {
    name: "check",
    path: "/c",
    scene: "new",
    next: [
      checked("not a proof", { ok: false, code: "not_a_proof" }),
      checked("forged", { ok: false, code: "does_not_pay" }),
    ],
  },
  {
    name: "check, valid",
    path: "/c",
    scene: "new",
    then: (page) => check(page, { ok: true, proof: PROOF }),
    isPictured: true,
  },
  {
    name: "check, not certain",
    path: "/c",
    scene: "full",
    then: (page) => check(page, { ok: false, code: "unchecked", reason: "offline", proof: PROOF }),
  },
];
