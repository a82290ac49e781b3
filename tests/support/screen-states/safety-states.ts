import type { Page } from "playwright-core";
import type { LockView } from "../../../src/api/lock.ts";
import type { Harness } from "../../app/harness.ts";
import { answer, hook } from "../app-visitor.ts";
import type { ScreenState } from "./screen-state.ts";

declare const harness: Harness;

/** The wallet locks, with a PIN and a passkey to open it. */
async function lock(page: Page, change: Pick<LockView, "waitMs" | "refused">): Promise<void> {
  const view = { hasPin: true, passkeys: [new Uint8Array(20)], ...change };
  await answer(page, { open: { ok: false, code: "locked", lock: view } });
  await page.evaluate(() => harness.app.session.lockNow());
  await hook(page, "locked").waitFor();
}

/** The lock, passkeys and the backup file. */
export const SAFETY_STATES: readonly ScreenState[] = [
  {
    name: "locked",
    path: "/pay",
    scene: "full",
    then: async (page) => {
      await lock(page, { waitMs: 0, refused: "wrong_pin" });
      await hook(page, "unlock-passkey").waitFor();
    },
    isPictured: true,
  },
  {
    name: "locked, to wait",
    path: "/pay",
    scene: "full",
    then: async (page) => {
      await lock(page, { waitMs: 3_600_000, refused: "too_soon" });
      await hook(page, "forgotten-open").click();
    },
  },
  {
    name: "PIN",
    path: "/me/safety",
    scene: "full",
    then: async (page) => {
      await hook(page, "pin-open").click();
      await hook(page, "pin-new").fill("123456");
      await hook(page, "pin-submit").click();
      await page.locator('[data-testid="pin-new"][aria-invalid="true"]').waitFor();
    },
    isPictured: true,
  },
  {
    name: "passkey",
    path: "/me/safety?passkeys=plain",
    scene: "full",
    then: async (page) => {
      await hook(page, "passkey-open").click();
      await hook(page, "passkey-add").click();
      await hook(page, "passkey-added").waitFor();
    },
    isPictured: true,
  },
  {
    name: "passkey, refused",
    path: "/me/safety?passkeys=no_prf",
    scene: "full",
    then: async (page) => {
      await hook(page, "passkey-open").click();
      await hook(page, "passkey-add").click();
      await hook(page, "passkey-problem").waitFor();
    },
  },
  {
    name: "backup file",
    path: "/me/safety",
    scene: "full",
    then: async (page) => {
      await hook(page, "kit-open").click();
      await hook(page, "kit-make").click();
      await hook(page, "kit-code").waitFor();
    },
    isPictured: true,
    next: [
      {
        name: "backup file, without a file",
        then: async (page) => {
          await hook(page, "kit-save").click();
          await hook(page, "kit-next").click();
          await hook(page, "kit-check").click();
          await page.locator('[data-testid="kit-file"][aria-invalid="true"]').waitFor();
        },
      },
    ],
  },
  {
    name: "restore from a file",
    path: "/restore",
    scene: "new",
    then: async (page) => {
      await hook(page, "restore-file").click();
      await hook(page, "restore-file-submit").click();
      await page.locator('[data-testid="kit-file"][aria-invalid="true"]').waitFor();
    },
  },
];
