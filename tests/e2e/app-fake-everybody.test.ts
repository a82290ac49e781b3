import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { ProofCheck } from "../../src/api/client-api.ts";
import type { StakeView } from "../../src/api/views.ts";
import { amount } from "../../src/core/values/amount.ts";
import type { Harness } from "../app/harness.ts";
import {
  answer,
  type AppVisitor,
  DESK,
  hook,
  pay,
  PHONE,
  RESTORING,
  review,
  showHistory,
  showRestore,
  showSync,
  withVisitor,
} from "../support/app-visitor.ts";
import { ACCRUED, fakeAddress, fakeRow, STANDINGS } from "../support/fake-client.ts";

declare const harness: Harness;

const PROOF = { to: fakeAddress(1), amount: amount(12_500_000n), height: 9_000, leaf: 4, outputHash: "" };

let visitor: AppVisitor;
withVisitor((arrived) => (visitor = arrived));

async function showFailed(page: Page) {
  const row = fakeRow({ id: "f0".repeat(32), state: "failed", canRetry: true, to: fakeAddress(1) });
  await showHistory(page, row);
}

async function check(page: Page, checkProof: ProofCheck) {
  await answer(page, { checkProof });
  await hook(page, "check-text").fill("dstgproof1fake");
  await hook(page, "check-submit").click();
  await hook(page, "check-result").waitFor();
}

const stakeRow = (page: Page, status: StakeView["status"]): Locator =>
  page.locator(`[data-testid="stake-row"][data-status="${status}"]`).first();

async function draftStake(page: Page) {
  await hook(page, "stake-open").click();
  await hook(page, "stake-acceptance").fill("dstgaccept1fake");
  await hook(page, "stake-amount").fill("100");
  await hook(page, "stake-review").click();
}

describe("for everybody", () => {
  interface State {
    readonly name: string;
    readonly path: string;
    readonly scene: string;
    readonly then?: (page: Page) => Promise<unknown>;
  }
  const STATES: readonly State[] = [
    { name: "start", path: "/", scene: "new" },
    { name: "checking", path: "/pay", scene: "checking" },
    { name: "empty", path: "/pay", scene: "empty" },
    { name: "unsafe", path: "/pay", scene: "unsafe" },
    { name: "safety", path: "/me/safety", scene: "full", then: (page) => hook(page, "safety-level").waitFor() },
    {
      name: "safety, asked",
      path: "/me/safety",
      scene: "unsafe",
      then: (page) => hook(page, "safety-asked").waitFor(),
    },
    {
      name: "words, to be checked",
      path: "/me/safety",
      scene: "unsafe",
      then: async (page) => {
        await answer(page, { checkWords: false });
        await hook(page, "safety-words").click();
        await hook(page, "words-show").click();
        await hook(page, "words-done").click();
        await hook(page, "words-check-submit").click();
        await page.locator('[data-testid="words-check-entry"][aria-invalid="true"]').first().waitFor();
      },
    },
    {
      name: "offline",
      path: "/pay",
      scene: "full",
      then: (page) => showSync(page, { state: "offline", problem: "no_node_reachable" }),
    },
    { name: "receive", path: "/pay/receive", scene: "full", then: (page) => page.locator("svg[role=img]").waitFor() },
    { name: "send", path: "/pay/send", scene: "full", then: (page) => hook(page, "pay-review").click() },
    { name: "review", path: "/pay/send", scene: "full", then: review },
    { name: "queued", path: "/pay/send", scene: "full", then: pay },
    {
      name: "failed",
      path: "/pay/send",
      scene: "full",
      then: (page) => pay(page).then(() => showFailed(page)),
    },
    { name: "history", path: "/pay/history", scene: "full" },
    {
      name: "payment",
      path: "/pay/history",
      scene: "full",
      then: (page) => hook(page, "history-row").first().getByRole("button").click(),
    },
    {
      name: "explore",
      path: "/explore",
      scene: "full",
      then: (page) => hook(page, "validator-row").first().waitFor(),
    },
    {
      name: "explore, counts as a table",
      path: "/explore",
      scene: "full",
      then: (page) => hook(page, "traffic").locator("summary").click(),
    },
    {
      name: "explore, nothing known",
      path: "/explore",
      scene: "empty",
      then: (page) =>
        answer(page, { chain: undefined, recent: { newest: undefined, blocks: [] } }).then(() =>
          hook(page, "traffic-none").waitFor(),
        ),
    },
    {
      name: "explore, no answer",
      path: "/explore",
      scene: "full",
      then: (page) => answer(page, { chain: undefined }).then(() => hook(page, "explore-failed").waitFor()),
    },
    {
      name: "stakes",
      path: "/explore/stake",
      scene: "full",
      then: async (page) => {
        await stakeRow(page, "unclear").waitFor();
        for (const status of ["waiting", "jailed", "slashed", "removed"])
          await page
            .locator(`[data-testid="stake-row"][data-validator="${status}"] [data-testid="stake-standing"]`)
            .waitFor();
        expect(await hook(page, "stake-accrued").getAttribute("data-amount")).toBe(`${ACCRUED.amount}`);
        await hook(page, "stake-payout").waitFor();
      },
    },
    {
      name: "stakes, paid to somebody else",
      path: "/explore",
      scene: "full",
      then: async (page) => {
        const validators = STANDINGS.map((standing) => ({ ...standing, accrued: undefined }));
        const accrued = { ...ACCRUED, amount: amount(0n), due: amount(0n) };
        await answer(page, { validators: { ok: true, validators, accrued } });
        await hook(page, "stake-link").click();
        await hook(page, "stake-elsewhere").first().waitFor();
        expect(await hook(page, "stake-payout").count()).toBe(0);
      },
    },
    {
      name: "stakes, none",
      path: "/explore/stake",
      scene: "empty",
      then: (page) => hook(page, "stake-open").waitFor(),
    },
    {
      name: "stakes, offline",
      path: "/explore/stake",
      scene: "full",
      then: (page) =>
        showSync(page, { state: "offline", problem: "no_node_reachable" }).then(() =>
          hook(page, "stake-offline").waitFor(),
        ),
    },
    {
      name: "stake, offered",
      path: "/explore/stake",
      scene: "full",
      then: async (page) => {
        await hook(page, "stake-open").click();
        await hook(page, "stake-key").fill("b0".repeat(48));
        await hook(page, "stake-offer").click();
        await hook(page, "stake-offer-text").waitFor();
      },
    },
    {
      name: "stake, unfinished",
      path: "/explore/stake",
      scene: "empty",
      then: async (page) => {
        await hook(page, "stake-open").click();
        await hook(page, "stake-review").click();
      },
    },
    {
      name: "stake, refused",
      path: "/explore/stake",
      scene: "full",
      then: async (page) => {
        await answer(page, { proposeStake: { ok: false, code: "stake_too_small", minimum: amount(100_000_000n) } });
        await draftStake(page);
        await page.locator('[data-testid="stake-amount"][aria-invalid="true"]').waitFor();
      },
    },
    {
      name: "stake, before the yes",
      path: "/explore/stake",
      scene: "full",
      then: (page) => draftStake(page).then(() => hook(page, "stake-confirm").waitFor()),
    },
    {
      name: "stake, not certain",
      path: "/explore/stake",
      scene: "full",
      then: async (page) => {
        await answer(page, { confirm: { ok: false, code: "funds_changed" } });
        await draftStake(page);
        await hook(page, "stake-confirm").click();
      },
    },
    {
      name: "unstake",
      path: "/explore/stake",
      scene: "full",
      then: async (page) => {
        await hook(page, "unstake").first().click();
        await hook(page, "stake-confirm").waitFor();
      },
    },
    {
      name: "withdraw, refused",
      path: "/explore/stake",
      scene: "full",
      then: async (page) => {
        await answer(page, { proposeStake: { ok: false, code: "stake_busy" } });
        await hook(page, "withdraw").click();
        await stakeRow(page, "released").locator(".field-error").waitFor();
      },
    },
    {
      name: "history of a stake",
      path: "/pay/history",
      scene: "full",
      then: async (page) => {
        await showHistory(
          page,
          fakeRow({ id: "a2".repeat(32), act: "withdraw", direction: "in", to: undefined }),
          fakeRow({ id: "a1".repeat(32), act: "unstake", amount: amount(0n), to: undefined }),
          fakeRow({ id: "a0".repeat(32), act: "stake", to: undefined }),
        );
        await hook(page, "history-row").nth(1).getByRole("button").click();
        expect(await hook(page, "proof-open").count()).toBe(0);
      },
    },
    { name: "me", path: "/me", scene: "full" },
    {
      name: "words",
      path: "/me",
      scene: "full",
      then: (page) =>
        hook(page, "words-open")
          .click()
          .then(() => hook(page, "words-show").click()),
    },
    { name: "erase", path: "/me", scene: "unsafe", then: (page) => hook(page, "erase-open").click() },
    {
      name: "stopped",
      path: "/pay",
      scene: "full",
      then: (page) => page.evaluate(() => harness.fake.emit({ type: "engine-stopped", code: "storage_failed" })),
    },
    {
      name: "stopped, the stored wallet is gone",
      path: "/pay",
      scene: "full",
      then: (page) => page.evaluate(() => harness.fake.emit({ type: "engine-stopped", code: "storage_lost" })),
    },
    { name: "restore", path: "/restore", scene: "new" },
    {
      name: "restore, a wrong word",
      path: "/restore",
      scene: "new",
      then: (page) => hook(page, "restore-phrase").fill("abandon abilty able"),
    },
    {
      name: "restore, unfinished",
      path: "/restore",
      scene: "new",
      then: async (page) => {
        await hook(page, "restore-birthday").fill("2099-01-01");
        await hook(page, "restore-submit").click();
      },
    },
    { name: "restore, with a wallet", path: "/restore", scene: "full" },
    { name: "restoring", path: "/pay", scene: "full", then: (page) => showRestore(page, RESTORING) },
    {
      name: "restoring, waiting",
      path: "/pay",
      scene: "checking",
      then: (page) =>
        showRestore(page, { ...RESTORING, rangesTotal: undefined, isWaiting: true, problem: "not_served" }),
    },
    {
      name: "restored, nothing found",
      path: "/pay",
      scene: "empty",
      then: (page) => showRestore(page, { ...RESTORING, coinsFound: 0 }).then(() => showRestore(page, undefined)),
    },
    {
      name: "stop restoring",
      path: "/pay",
      scene: "full",
      then: async (page) => {
        await showRestore(page, RESTORING);
        await page.getByRole("button", { name: /停止恢复|Stop restoring/ }).click();
      },
    },
    { name: "settings", path: "/me/settings", scene: "full", then: (page) => hook(page, "node").first().waitFor() },
    {
      name: "checkpoint",
      path: "/me/settings",
      scene: "full",
      then: (page) =>
        hook(page, "checkpoint-show")
          .click()
          .then(() => hook(page, "checkpoint").waitFor()),
    },
    {
      name: "checkpoint refused",
      path: "/me/settings",
      scene: "full",
      then: async (page) => {
        await answer(page, { enterCheckpoint: { ok: false, code: "unknown_word", index: 3 } });
        await hook(page, "checkpoint-enter").click();
        await hook(page, "checkpoint-take").click();
      },
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
    },
    { name: "check", path: "/c", scene: "new" },
    { name: "check, valid", path: "/c", scene: "new", then: (page) => check(page, { ok: true, proof: PROOF }) },
    {
      name: "check, not certain",
      path: "/c",
      scene: "full",
      then: (page) => check(page, { ok: false, code: "unchecked", reason: "offline", proof: PROOF }),
    },
    {
      name: "check, forged",
      path: "/c",
      scene: "full",
      then: (page) => check(page, { ok: false, code: "does_not_pay" }),
    },
    {
      name: "coming",
      path: "/pay",
      scene: "full",
      then: (page) =>
        page.evaluate(
          (row) => harness.fake.emit({ type: "history-changed", history: [row] }),
          fakeRow({ id: "pool:1", direction: "in", state: "sent", height: undefined }),
        ),
    },
    {
      name: "too long away",
      path: "/pay",
      scene: "full",
      then: (page) => showSync(page, { state: "offline", problem: "checkpoint_too_old" }),
    },
    {
      name: "unreadable",
      path: "/pay",
      scene: "full",
      then: async (page) => {
        await answer(page, { open: { ok: false, code: "storage_broken" } });
        await page.evaluate(() => harness.app.session.start());
        await hook(page, "discard-open").click();
      },
    },
    { name: "nowhere", path: "/nowhere", scene: "full" },
  ];
  const WAYS = [PHONE, DESK];

  describe.each(WAYS)("in $lang, $colorScheme", (way) => {
    it.each(STATES)("$name passes axe, fits its width and has targets of 44 px", async ({ path, scene, then }) => {
      const page = await visitor.open(path, scene, way);
      await then?.(page);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      const small = await page
        .locator("button:visible, a:visible:not(.skip), input:visible, textarea:visible")
        .evaluateAll((targets) =>
          targets
            // A box in a label is as large as its label.
            .map((target) => target.closest("label") ?? target)
            .filter(
              (target) => target.getBoundingClientRect().height < 43.9 || target.getBoundingClientRect().width < 43.9,
            )
            .map((target) => target.outerHTML),
        );
      expect(small).toEqual([]);
    });
  });
});
