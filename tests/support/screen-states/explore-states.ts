import type { Locator, Page } from "playwright-core";
import type { StakeView } from "../../../src/api/views.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { answer, hook, showSync } from "../app-visitor.ts";
import { ACCRUED, STANDINGS } from "../fake-client.ts";
import type { ScreenState } from "./screen-state.ts";

const stakeRow = (page: Page, status: StakeView["status"]): Locator =>
  page.locator(`[data-testid="stake-row"][data-status="${status}"]`).first();

async function draftStake(page: Page): Promise<void> {
  await hook(page, "stake-open").click();
  await hook(page, "stake-acceptance").fill("dstgaccept1fake");
  await hook(page, "stake-amount").fill("100");
  await hook(page, "stake-review").click();
}

/** Explore and the stakes below it. */
export const EXPLORE_STATES: readonly ScreenState[] = [
  {
    name: "explore",
    path: "/explore",
    scene: "full",
    then: (page) => hook(page, "validator-row").first().waitFor(),
    isPictured: true,
    next: [{ name: "explore, counts as a table", then: (page) => hook(page, "traffic").locator("summary").click() }],
  },
  {
    name: "a block",
    path: "/x#b-9880",
    scene: "full",
    then: (page) => hook(page, "look-raw").locator("summary").click(),
    isPictured: true,
  },
  {
    name: "a transaction",
    path: `/x#t-9880-${"a2".repeat(32)}`,
    scene: "full",
    then: (page) => hook(page, "look-one").waitFor(),
    isPictured: true,
  },
  {
    name: "a link of the explorer that leads nowhere",
    path: "/x#b-",
    scene: "full",
    then: (page) => hook(page, "look-bad-link").waitFor(),
  },
  {
    name: "a search that finds nothing",
    path: "/explore",
    scene: "full",
    then: async (page) => {
      await hook(page, "search-text").fill("ee".repeat(32));
      await hook(page, "search-submit").click();
      await hook(page, "search-nothing").waitFor();
    },
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
      await page.locator(`[data-testid="stake-accrued"][data-amount="${ACCRUED.amount}"]`).waitFor();
      await hook(page, "stake-payout").waitFor();
    },
    isPictured: true,
    next: [
      {
        name: "stakes, offline",
        then: (page) =>
          showSync(page, { state: "offline", problem: "no_node_reachable" }).then(() =>
            hook(page, "stake-offline").waitFor(),
          ),
      },
    ],
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
      await hook(page, "stake-payout").waitFor({ state: "detached" });
    },
  },
  {
    name: "stakes, none",
    path: "/explore/stake",
    scene: "empty",
    then: (page) => hook(page, "stake-open").waitFor(),
    next: [
      {
        name: "stake, unfinished",
        then: async (page) => {
          await hook(page, "stake-open").click();
          await hook(page, "stake-review").click();
        },
      },
    ],
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
    isPictured: true,
    next: [
      {
        name: "stake, not certain",
        then: async (page) => {
          await answer(page, { confirm: { ok: false, code: "funds_changed" } });
          await hook(page, "stake-confirm").click();
        },
      },
    ],
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
];
