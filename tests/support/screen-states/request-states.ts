import type { Page } from "playwright-core";
import type { Harness } from "../../app/harness.ts";
import { hook } from "../app-visitor.ts";
import { fakeFragment } from "../fake-requests.ts";
import type { NextState, ScreenState } from "./screen-state.ts";

declare const harness: Harness;

const inState = (page: Page, id: string, state: string): Promise<void> =>
  page.locator(`[data-testid="${id}"][data-state="${state}"]`).waitFor();

const refused = (code: string, fragment: string): NextState => ({
  name: `a request, ${code}`,
  then: async (page) => {
    await page.evaluate((link) => harness.app.asked.take(link), `/p#${fragment}`);
    await inState(page, "asked", code);
  },
});

const ownRequest = (state: string): ScreenState => ({
  name: `own request, ${state}`,
  path: "/pay/receive",
  scene: "full",
  then: async (page) => {
    await page.locator(`[data-testid="request-row"][data-state="${state}"]`).first().click();
    await inState(page, "request-status", state);
  },
  ...(state === "open" ? { isPictured: true } : {}),
});

/** Payment requests, those of others and one's own, and Scan, which finds them. */
export const REQUEST_STATES: readonly ScreenState[] = [
  {
    name: "a request",
    path: `/p#${fakeFragment()}`,
    scene: "full",
    then: (page) => inState(page, "asked", "ready"),
    isPictured: true,
    next: [
      refused("malformed", "AAAA"),
      refused("too_long", "A".repeat(300)),
      refused("wrong_network", fakeFragment({ chainId: 1 })),
    ],
  },
  {
    name: "a request, without a wallet",
    path: `/p#${fakeFragment()}`,
    scene: "new",
    then: (page) => hook(page, "asked-start").waitFor(),
  },
  ...["open", "part_paid", "paid", "expired", "cancelled"].map(ownRequest),
  {
    name: "new request",
    path: "/pay/receive",
    scene: "full",
    then: (page) => hook(page, "request-new").click(),
    isPictured: true,
  },
  {
    name: "scan",
    path: "/scan",
    scene: "full",
    then: (page) => hook(page, "scan-paste").waitFor(),
    isPictured: true,
    next: [
      {
        name: "scan, nothing for this app",
        then: async (page) => {
          await page.evaluate(() => navigator.clipboard.writeText("https://x.example/"));
          await hook(page, "scan-paste").click();
          await page.locator('[data-testid="scan-finding"][data-state]').waitFor();
        },
        isPictured: true,
      },
    ],
  },
];
