import type { Page } from "playwright-core";
import type { FaucetCode } from "../../../src/app/state/faucet.svelte.ts";
import { en } from "../../../src/app/i18n/en.ts";
import type { SyncView } from "../../../src/api/views.ts";
import { amount } from "../../../src/core/values/amount.ts";
import type { Harness } from "../../app/harness.ts";
import { answer, hook, showHistory, showSync } from "../app-visitor.ts";
import { fakeRow } from "../fake-client.ts";
import type { NextState, ScreenState } from "./screen-state.ts";

declare const harness: Harness;

const SYNC_PROBLEMS = Object.keys(en.sync.problems) as NonNullable<SyncView["problem"]>[];
const FAUCET_PROBLEMS = Object.keys(en.faucet.problems) as FaucetCode[];

const syncProblem = (problem: NonNullable<SyncView["problem"]>): NextState => ({
  name: `pay, ${problem}`,
  then: (page) => showSync(page, { state: "offline", problem }),
});

const faucetProblem = (code: FaucetCode): NextState => ({
  name: `pay, no test coins: ${code}`,
  then: async (page) => {
    await answer(page, { faucet: { ok: false, code } });
    await hook(page, "faucet").click();
    await page.locator(`[data-testid="faucet"][data-state="${code}"]`).waitFor();
  },
});

const openRow = (page: Page, state: string): Promise<void> =>
  page.locator(`[data-testid="history-row"][data-state="${state}"]`).first().getByRole("button").click();

/** Start, Pay, Receive and the history. */
export const PAY_STATES: readonly ScreenState[] = [
  { name: "start", path: "/", scene: "new", isPictured: true },
  {
    name: "pay, checking",
    path: "/pay",
    scene: "checking",
    next: [
      { name: "pay, connecting", then: (page) => showSync(page, { state: "connecting", height: undefined }) },
      { name: "pay, catching up", then: (page) => showSync(page, { state: "catching-up", height: 1_204 }) },
    ],
  },
  {
    name: "pay, empty",
    path: "/pay",
    scene: "empty",
    isPictured: true,
    next: [
      {
        name: "pay, test coins asked for",
        then: async (page) => {
          await hook(page, "faucet").click();
          await page.locator('[data-testid="faucet"][data-state="asked"]').waitFor();
        },
      },
      ...FAUCET_PROBLEMS.map(faucetProblem),
    ],
  },
  { name: "pay, not safe yet", path: "/pay", scene: "unsafe" },
  {
    name: "pay",
    path: "/pay",
    scene: "full",
    isPictured: true,
    next: [
      { name: "pay, offline", then: (page) => showSync(page, { state: "offline" }) },
      ...SYNC_PROBLEMS.map(syncProblem),
      { name: "pay, a slow network", then: (page) => showSync(page, { isFinalityLate: true }) },
      { name: "pay, an update", then: (page) => page.evaluate(() => harness.offerUpdate()) },
      {
        name: "pay, the balance hidden",
        then: async (page) => {
          await showSync(page, {});
          await page.evaluate(() => harness.app.preferences.toggleBalance());
        },
      },
      {
        name: "pay, coins on their way",
        then: async (page) => {
          await page.evaluate(() => harness.app.preferences.toggleBalance());
          await showHistory(page, fakeRow({ id: "pool:1", direction: "in", state: "sent", height: undefined }));
          await hook(page, "balance-incoming").waitFor();
        },
      },
    ],
  },
  {
    name: "receive",
    path: "/pay/receive",
    scene: "full",
    then: (page) => page.locator("svg[role=img]").waitFor(),
    isPictured: true,
    next: [
      {
        name: "receive, on its way",
        then: (page) => showHistory(page, fakeRow({ id: "pool:2", direction: "in", state: "sent", height: undefined })),
      },
      {
        name: "receive, arrived",
        then: (page) => showHistory(page, fakeRow({ id: "leaf:77", direction: "in", height: 9_881 })),
      },
    ],
  },
  {
    name: "history",
    path: "/pay/history",
    scene: "full",
    isPictured: true,
    next: [
      {
        name: "history, a stake",
        then: async (page) => {
          await showHistory(
            page,
            fakeRow({ id: "a2".repeat(32), act: "withdraw", direction: "in", to: undefined }),
            fakeRow({ id: "a1".repeat(32), act: "unstake", amount: amount(0n), to: undefined }),
            fakeRow({ id: "a0".repeat(32), act: "stake", to: undefined }),
          );
          await hook(page, "history-row").nth(1).getByRole("button").click();
          await page.locator("dialog").waitFor();
          await hook(page, "proof-open").waitFor({ state: "detached" });
        },
      },
    ],
  },
  {
    name: "history, nothing found",
    path: "/pay/history",
    scene: "full",
    then: async (page) => {
      await hook(page, "history-text").fill("nobody wrote this");
      await hook(page, "history-nothing").waitFor();
    },
  },
  { name: "history, empty", path: "/pay/history", scene: "empty" },
  { name: "history, checking", path: "/pay/history", scene: "checking" },
  {
    name: "payment",
    path: "/pay/history",
    scene: "full",
    then: (page) => hook(page, "history-row").first().getByRole("button").click(),
  },
  {
    name: "payment, done",
    path: "/pay/history",
    scene: "full",
    then: (page) => openRow(page, "final"),
    isPictured: true,
  },
  { name: "payment, failed", path: "/pay/history", scene: "full", then: (page) => openRow(page, "failed") },
  { name: "nowhere", path: "/nowhere", scene: "full" },
];
