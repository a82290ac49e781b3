import type { CheckpointResult, OpenCode } from "../../../src/api/client-api.ts";
import type { StopCode } from "../../../src/api/events.ts";
import type { Harness } from "../../app/harness.ts";
import { answer, hook } from "../app-visitor.ts";
import type { NextState, ScreenState } from "./screen-state.ts";

declare const harness: Harness;

const notOpened = (code: OpenCode): NextState => ({
  name: `not opened: ${code}`,
  then: async (page) => {
    await answer(page, { open: { ok: false, code } });
    await page.evaluate(() => harness.app.session.start());
    await page.locator(`[data-testid="stopped"][data-code="${code}"]`).waitFor();
  },
});

const stopped = (code: StopCode): NextState => ({
  name: `stopped: ${code}`,
  then: async (page) => {
    await answer(page, { open: { ok: true, wallet: { exists: true, wordsSeen: true } } });
    await page.evaluate(() => harness.app.session.start());
    await page.evaluate((stop) => harness.fake.emit({ type: "engine-stopped", code: stop }), code);
    await page.locator(`[data-testid="stopped"][data-code="${code}"]`).waitFor();
  },
});

const refusedCheckpoint = (refusal: Extract<CheckpointResult, { ok: false }>): NextState => ({
  name: `checkpoint, ${refusal.code}`,
  then: async (page) => {
    await answer(page, { enterCheckpoint: refusal });
    await hook(page, "checkpoint-take").click();
  },
});

/** Me, the settings, and the app that stands still. */
export const WALLET_STATES: readonly ScreenState[] = [
  { name: "me", path: "/me", scene: "full", isPictured: true },
  {
    name: "about",
    path: "/me",
    scene: "full",
    then: async (page) => {
      // Only a built app has a list of its files.
      await page.route("**/files.sha256", (route) => route.fulfill({ body: `${"a0".repeat(32)}  index.html\n` }));
      await hook(page, "about-open").click();
      await hook(page, "fingerprint").waitFor();
    },
    isPictured: true,
  },
  {
    name: "me, to be kept by hand",
    path: "/me?browser=ios",
    scene: "full",
    then: (page) => hook(page, "install-open").waitFor(),
    next: [{ name: "install", then: (page) => hook(page, "install-open").click(), isPictured: true }],
  },
  {
    name: "start, inside another app",
    path: "/?browser=in-app",
    scene: "new",
    then: (page) => hook(page, "in-app").waitFor(),
    isPictured: true,
  },
  {
    name: "safety",
    path: "/me/safety",
    scene: "full",
    then: (page) => hook(page, "safety-level").waitFor(),
    isPictured: true,
  },
  {
    name: "safety, asked",
    path: "/me/safety",
    scene: "unsafe",
    then: (page) => hook(page, "safety-asked").waitFor(),
    next: [
      { name: "words, before the look", then: (page) => hook(page, "safety-words").click() },
      { name: "words", then: (page) => hook(page, "words-show").click(), isPictured: true },
      { name: "words, to be checked", then: (page) => hook(page, "words-done").click(), isPictured: true },
      {
        name: "words, checked and wrong",
        then: async (page) => {
          await answer(page, { checkWords: false });
          await hook(page, "words-check-submit").click();
          await page.locator('[data-testid="words-check-entry"][aria-invalid="true"]').first().waitFor();
        },
      },
    ],
  },
  {
    name: "erase",
    path: "/me",
    scene: "unsafe",
    then: (page) => hook(page, "erase-open").click(),
    isPictured: true,
    next: [{ name: "erase, understood", then: (page) => hook(page, "erase-understood").check() }],
  },
  {
    name: "settings",
    path: "/me/settings",
    scene: "full",
    then: (page) => hook(page, "node").first().waitFor(),
    isPictured: true,
  },
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
    name: "checkpoint, to be entered",
    path: "/me/settings",
    scene: "full",
    then: (page) => hook(page, "checkpoint-enter").click(),
    next: [
      refusedCheckpoint({ ok: false, code: "unknown_word", index: 3 }),
      refusedCheckpoint({ ok: false, code: "other_chain" }),
    ],
  },
  {
    name: "stopped: storage_failed",
    path: "/pay",
    scene: "full",
    then: (page) => page.evaluate(() => harness.fake.emit({ type: "engine-stopped", code: "storage_failed" })),
    isPictured: true,
    next: [
      ...(["moved_to_other_tab", "storage_full", "storage_newer", "storage_lost"] as const).map(stopped),
      ...(["storage_denied", "open_elsewhere", "no_crypto"] as const).map(notOpened),
    ],
  },
  {
    name: "not opened: storage_broken",
    path: "/pay",
    scene: "full",
    then: notOpened("storage_broken").then,
    next: [{ name: "storage_broken, before all goes", then: (page) => hook(page, "discard-open").click() }],
  },
];
