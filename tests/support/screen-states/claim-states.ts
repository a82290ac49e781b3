import type { Page } from "playwright-core";
import type { OpeningView, OpenLinkResult, ClaimView } from "../../../src/api/packets.ts";
import type { ClaimHarness } from "../../app/claim-harness.ts";
import { hook } from "../app-visitor.ts";
import { fakeOpened } from "../fake-claims.ts";
import { fakeLink, fakePacketFragment } from "../fake-packets.ts";
import { gifFile } from "../media-files.ts";
import type { NextState, ScreenState } from "./screen-state.ts";

declare const harness: ClaimHarness;

const SEALED = `/r#${fakePacketFragment()}`;

const tap = (page: Page): Promise<void> => hook(page, "packet-open").click();

export const seeResult = (page: Page, state: string): Promise<void> =>
  page.locator(`[data-testid="packet-result"][data-state="${state}"]`).waitFor();

/** How far an opening has come. */
export async function showOpening(page: Page, opening: OpeningView): Promise<void> {
  await page.evaluate((view) => (harness.claims.opening = view), opening);
}

/** How an opening ends of which no claim stands. */
export async function endOpening(page: Page, result: OpenLinkResult): Promise<void> {
  await page.waitForFunction(() => harness.claims.opened.length > 0);
  await page.evaluate((each) => harness.claims.answer(each), result);
}

/** The claim is stored, and stands so. */
export async function storeClaim(page: Page, claim: ClaimView): Promise<void> {
  await page.waitForFunction(() => harness.claims.opened.length > 0);
  await page.evaluate((each) => harness.claims.store(each), claim);
}

/** What nodes have for whoever asks for its picture. */
export async function givePicture(page: Page, bytes: Uint8Array): Promise<void> {
  await page.evaluate(
    (each) => {
      harness.fake.answers.packetPicture = { ok: true, bytes: Uint8Array.from(each) };
    },
    [...bytes],
  );
}

const atStep = (name: string, step: string, opening: OpeningView): NextState => ({
  name: `a red packet, ${name}`,
  then: async (page) => {
    await showOpening(page, opening);
    await page.locator(`[data-testid="claim-steps"][data-step="${step}"]`).waitFor();
  },
});

const ends = (name: string, claim: Partial<ClaimView>, shown: string): ScreenState => ({
  name: `a red packet, ${name}`,
  path: SEALED,
  scene: "new",
  then: async (page) => {
    await tap(page);
    await storeClaim(page, fakeOpened(claim));
    await seeResult(page, shown);
  },
  isPictured: true,
});

const refused = (code: Extract<OpenLinkResult, { ok: false }>["code"], shown = "refused"): ScreenState => ({
  name: `a red packet, ${code.replaceAll("_", " ")}`,
  path: SEALED,
  scene: "new",
  then: async (page) => {
    await tap(page);
    await showOpening(page, { step: "trying", done: 0.4, link: fakeLink({ gate: "chance", odds: 1 / 16 }) });
    await hook(page, "claim-facts").waitFor();
    await endOpening(page, { ok: false, code });
    await seeResult(page, shown);
  },
  ...(shown === "refused" ? {} : { isPictured: true }),
});

const CHANCE = fakeLink({ gate: "chance", odds: 1 / 16 });

/** The page that a link to a red packet opens. */
export const CLAIM_STATES: readonly ScreenState[] = [
  {
    name: "a red packet",
    path: SEALED,
    scene: "new",
    then: (page) => hook(page, "packet-open").waitFor(),
    isPictured: true,
    next: [
      { name: "a red packet, what it is", then: (page) => page.locator("summary").click() },
      { name: "a red packet, tapped", then: tap },
      atStep("found", "claiming", { step: "signing", done: 1, link: fakeLink() }),
      atStep("being tried", "trying", { step: "trying", done: 0.4, link: CHANCE }),
      {
        name: "a red packet, on its way",
        then: async (page) => {
          await storeClaim(page, fakeOpened({ state: "drawing", amount: undefined, rank: undefined }));
          await page.locator('[data-testid="claim-steps"][data-step="settling"]').waitFor();
        },
        isPictured: true,
      },
      {
        name: "a red packet, slow",
        then: (page) => page.evaluate(() => void (harness.claim.isSlow = true)),
      },
    ],
  },
  {
    name: "a red packet with a picture",
    path: SEALED,
    scene: "new",
    then: async (page) => {
      await givePicture(page, gifFile(40, 30));
      await tap(page);
      await showOpening(page, { step: "signing", done: 1, link: fakeLink({ hasPicture: true }) });
      await page.locator('[data-testid="claim-picture"][data-state="shown"] img').waitFor();
    },
    next: [
      {
        name: "a red packet with a picture, won",
        then: async (page) => {
          await storeClaim(page, fakeOpened({ hasPicture: true }));
          await seeResult(page, "won");
        },
      },
    ],
  },
  {
    name: "a red packet, its picture not to be shown",
    path: SEALED,
    scene: "new",
    then: async (page) => {
      await givePicture(page, Uint8Array.of(1));
      await tap(page);
      await storeClaim(page, fakeOpened({ hasPicture: true }));
      await page.locator('[data-testid="claim-picture"][data-state="gone"]').waitFor();
    },
  },
  {
    name: "a red packet with a password",
    path: `/r#${fakePacketFragment({ hasPassword: true })}`,
    scene: "new",
    then: (page) => hook(page, "packet-password").waitFor(),
    isPictured: true,
    next: [{ name: "a red packet without its password", then: tap }],
  },
  {
    name: "a gift",
    path: `/r#${fakePacketFragment({ kind: "gift" })}`,
    scene: "new",
    then: (page) => hook(page, "packet-open").waitFor(),
  },
  {
    name: "a red packet inside another app",
    path: `/r?browser=in-app#${fakePacketFragment()}`,
    scene: "new",
    then: (page) => hook(page, "in-app").waitFor(),
    isPictured: true,
  },
  ends("won", {}, "won"),
  ends("the luckiest", { rank: 1, amount: fakeOpened().amount }, "won"),
  ends("all opened", { state: "empty", amount: undefined, rank: undefined }, "empty"),
  ends("expired", { state: "expired", amount: undefined, rank: undefined }, "expired"),
  refused("not_this_time", "not-this-time"),
  refused("wrong_password"),
  refused("offline"),
  {
    name: "a red packet, opened before",
    path: SEALED,
    scene: "full",
    then: async (page) => {
      await tap(page);
      await page.evaluate((claim) => void (harness.claims.claims = [claim]), fakeOpened());
      await endOpening(page, { ok: false, code: "already_opened", id: fakeOpened().id });
      await seeResult(page, "won");
    },
  },
  {
    name: "a red packet, half a link",
    path: "/r#AAAA",
    scene: "new",
    then: (page) => seeResult(page, "refused"),
    isPictured: true,
  },
  {
    name: "a red packet, nothing can be stored",
    path: SEALED,
    scene: "new",
    then: async (page) => {
      await page.evaluate(() => void (harness.fake.answers.open = { ok: false, code: "storage_denied" }));
      await tap(page);
      await seeResult(page, "refused");
    },
  },
  {
    name: "a red packet for a locked wallet",
    path: SEALED,
    scene: "full",
    then: async (page) => {
      const lock = { hasPin: true, passkeys: [new Uint8Array(16)], waitMs: 0, refused: undefined };
      await page.evaluate((view) => void (harness.fake.answers.open = { ok: false, code: "locked", lock: view }), lock);
      await tap(page);
      await hook(page, "unlock-pin").waitFor();
    },
  },
];
