import type { Locator, Page } from "playwright-core";
import type { StopCode } from "../../src/api/events.ts";
import type { OpenLinkCode } from "../../src/api/packets.ts";
import type { PictureRefusal } from "../../src/api/media-api.ts";
import type { NodeView, RestoreView, SyncView } from "../../src/api/views.ts";
import { CLAIM_WAYS, type ClaimWay } from "../../src/app/state/claim-ways.ts";
import { amount } from "../../src/core/values/amount.ts";
import { formatBech32 } from "../../src/core/values/bech32-text.ts";
import type { Harness } from "../app/harness.ts";
import { answer, hook, RESTORING, showRestore, showSync } from "./app-visitor.ts";
import { fakeOpened } from "./fake-claims.ts";
import { fakePacketFragment } from "./fake-packets.ts";
import { BLOCK, CHECKED_PACKET, fakeAddress, type FakeAnswers, NETWORK } from "./fake-client.ts";
import { gifFile } from "./media-files.ts";
import { fakeAsked, fakeFragment } from "./fake-requests.ts";
import { endOpening, storeClaim } from "./screen-states/claim-states.ts";

declare const harness: Harness;

/** How somebody comes to meet a code, and how they go on from there. */
export interface ProblemWay {
  readonly path: string;
  readonly scene: string;
  /** From the screen as it was opened, or as the code before has left it. */
  readonly reach: (page: Page, code: string) => Promise<unknown>;
  /** What leads on; usable where the code is told. */
  readonly control: (page: Page, code: string) => Locator;
  /** Goes on: afterwards the words are gone. Absent: with a tap on the control. */
  readonly goOn?: (page: Page, code: string) => Promise<unknown>;
  /** Codes whose way on leads out of this page: to another browser, or to a new version. */
  readonly leaves?: readonly string[];
}

const ID = "a0".repeat(16);
const PHRASE = `${"abandon ".repeat(23)}art`;
const PROOF = { to: fakeAddress(1), amount: amount(12_500_000n), height: 9_000, leaf: 4, outputHash: "" };
const OPENED = { ok: true, wallet: { exists: true, wordsSeen: true } } as const;
const FILE = { name: "kit.png", mimeType: "image/png", buffer: Buffer.from([1]) };
/** What opens or restores a wallet, and is told by the screen of an app that stands still. */
const isOfStorage = (code: string): boolean => /^(storage_|open_elsewhere|no_crypto)/.test(code);

/** Texts that are refused for exactly this. */
const ADDRESSES: Readonly<Record<string, string>> = {
  empty: "",
  bad_encoding: `${fakeAddress(1).slice(0, -1)}b`,
  wrong_network: "stg1qqq",
  bad_version: formatBech32("dstg", new Uint8Array(65).fill(2)),
  bad_length: formatBech32("dstg", new Uint8Array(40).fill(1)),
  bad_points: fakeAddress(3),
};

/** What leads on from the claim page, where a wallet is here by now. */
const CLAIM_CONTROLS: Readonly<Record<ClaimWay, string>> = {
  again: "claim-again",
  here: "claim-again",
  reload: "claim-reload",
  copy: "claim-copy",
  wallet: "claim-wallet",
  own: "claim-wallet",
};

/** An answer that says no, whatever the method. */
const refuse = (method: keyof FakeAnswers, refusal: object): Partial<FakeAnswers> => ({
  [method]: { ok: false, ...refusal },
});

const stoppedAction = (page: Page): Locator =>
  hook(page, "stopped-action").or(hook(page, "stopped").locator("button.main"));

const isThere = async (page: Page, id: string): Promise<boolean> => (await hook(page, id).count()) > 0;

async function closeSheets(page: Page): Promise<void> {
  while (await page.evaluate(() => harness.app.router.entry.sheet !== undefined))
    await page.evaluate(() => harness.app.router.closeSheet());
  await page.locator("dialog").waitFor({ state: "detached" });
}

async function openSheet(page: Page, button: string, content: string): Promise<void> {
  if (await isThere(page, content)) return;
  await closeSheets(page);
  await hook(page, button).click();
  await hook(page, content).waitFor();
}

async function go(page: Page, route: Parameters<Harness["app"]["router"]["replace"]>[0]): Promise<void> {
  await page.evaluate((to) => harness.app.router.replace(to), route);
}

async function startWith(page: Page, open: FakeAnswers["open"]): Promise<void> {
  await answer(page, { open });
  await page.evaluate(() => harness.app.session.start());
}

/** With a wallet behind the app that could not be opened. */
async function goOnFromStop(page: Page): Promise<void> {
  await answer(page, { open: OPENED });
  await stoppedAction(page).click();
}

async function fillPayment(page: Page): Promise<void> {
  await closeSheets(page);
  await go(page, "/pay/send");
  await hook(page, "pay-to").fill(fakeAddress(1));
  await hook(page, "pay-amount").fill("12.5");
}

/** Where a restore leads: what is done next must not be overtaken by that. */
async function arriveAtPay(page: Page): Promise<void> {
  await page.waitForFunction(() => harness.app.router.route === "/pay");
}

/** The form that takes words or a file, with no wallet behind it. */
async function toRestore(page: Page): Promise<void> {
  await page.evaluate(() => harness.fake.forgetWallet());
  await startWith(page, { ok: true, wallet: { exists: false, wordsSeen: false } });
  await go(page, "/restore");
  await hook(page, "restore-phrase").waitFor();
}

/** What another tab has stored meanwhile is found. */
async function answerRestore(page: Page, method: "restore" | "restoreBackup", code: string): Promise<void> {
  await answer(page, refuse(method, { code }));
  if (code !== "wallet_exists") return;
  await page.evaluate(() => harness.fake.findWallet());
  await answer(page, { open: OPENED });
}

async function openPin(page: Page, hasPin: boolean): Promise<void> {
  await page.evaluate(async (has) => {
    harness.fake.answers.safety = { ...harness.fake.answers.safety, hasPin: has };
    await harness.app.safety.look();
  }, hasPin);
  await openSheet(page, "pin-open", "pin-new");
}

async function lock(page: Page, refused: "wrong_pin" | "too_soon" | "passkey_unknown" | undefined): Promise<void> {
  const view = {
    hasPin: true,
    passkeys: [new Uint8Array(20)],
    waitMs: refused === "too_soon" ? 3_600_000 : 0,
    refused,
  };
  await startWith(page, { ok: false, code: "locked", lock: view });
  await hook(page, "locked").waitFor();
}

async function unlock(page: Page, code: string): Promise<void> {
  await answer(page, { open: OPENED });
  if (code === "too_soon") {
    // The wait is the client's to end; whoever cannot wait has another way.
    await hook(page, "forgotten-open").click();
    await hook(page, "forgotten-understood").check();
    await hook(page, "forgotten-confirm").click();
    return;
  }
  if (code !== "passkey_unknown") await hook(page, "unlock-pin").fill("294857");
  await hook(page, code === "passkey_unknown" ? "unlock-passkey" : "unlock-submit").click();
}

async function checkKit(page: Page): Promise<void> {
  await hook(page, "kit-file").setInputFiles(FILE);
  await hook(page, "kit-code-entry").fill("0123456789ABCDEF");
  await hook(page, "kit-check").click();
}

async function checkProof(page: Page, checkProof: FakeAnswers["checkProof"], text: string): Promise<void> {
  await answer(page, { checkProof });
  await hook(page, "check-text").fill(`dstgproof1${text}`);
  await hook(page, "check-submit").click();
}

/** Another proof, which holds. */
const checkAnother = (page: Page): Promise<void> => checkProof(page, { ok: true, proof: PROOF }, "another");

/** By the name of the union, as `problemCodes` finds it. What nobody is shown has no way. */
export const PROBLEM_WAYS: Readonly<Record<string, ProblemWay>> = {
  "OpenResult.code": {
    path: "/pay",
    scene: "full",
    reach: (page, code) => startWith(page, { ok: false, code } as FakeAnswers["open"]),
    control: stoppedAction,
    goOn: goOnFromStop,
    leaves: ["no_crypto", "storage_newer"],
  },
  "ClientEvent.code": {
    path: "/pay",
    scene: "full",
    reach: async (page, code) => {
      await startWith(page, OPENED);
      await page.evaluate((stopped) => harness.fake.emit({ type: "engine-stopped", code: stopped as StopCode }), code);
    },
    control: stoppedAction,
    goOn: goOnFromStop,
    leaves: ["storage_newer"],
  },
  "RestoreResult.code": {
    path: "/restore",
    scene: "new",
    reach: async (page, code) => {
      await toRestore(page);
      await hook(page, "restore-phrase").fill(PHRASE);
      await answerRestore(page, "restore", code);
      await hook(page, "restore-submit").click();
    },
    control: (page, code) =>
      isOfStorage(code) ? stoppedAction(page) : page.locator(".screen").locator("button.main").last(),
    goOn: async (page, code) => {
      if (isOfStorage(code)) return goOnFromStop(page);
      await answer(page, { restore: OPENED });
      await page.locator(".screen").locator("button.main").last().click();
      await arriveAtPay(page);
    },
    leaves: ["no_crypto", "storage_newer"],
  },
  "RestoreBackupResult.code": {
    path: "/restore",
    scene: "new",
    reach: async (page, code) => {
      await toRestore(page);
      if (!(await isThere(page, "kit-file"))) await hook(page, "restore-file").click();
      await hook(page, "kit-file").setInputFiles(FILE);
      await hook(page, "kit-code-entry").fill("0123456789ABCDEF");
      await answerRestore(page, "restoreBackup", code);
      await hook(page, "restore-file-submit").click();
    },
    control: (page, code) => {
      if (isOfStorage(code)) return stoppedAction(page);
      return code === "wallet_exists" ? page.locator(".screen button.main") : hook(page, "restore-file-submit");
    },
    goOn: async (page, code) => {
      if (isOfStorage(code)) return goOnFromStop(page);
      await answer(page, { restoreBackup: OPENED });
      await (
        code === "wallet_exists" ? page.locator(".screen button.main") : hook(page, "restore-file-submit")
      ).click();
      await arriveAtPay(page);
    },
    leaves: ["no_crypto", "storage_newer"],
  },
  "ProposeResult.code": {
    path: "/pay/send",
    scene: "full",
    reach: async (page, code) => {
      await fillPayment(page);
      await answer(page, refuse("propose", { code, missing: amount(7n) }));
      await hook(page, "pay-review").click();
    },
    control: (page) => hook(page, "pay-review"),
    goOn: async (page) => {
      await answer(page, { propose: "ok" });
      await hook(page, "pay-review").click();
    },
  },
  "ConfirmResult.code": {
    path: "/pay/send",
    scene: "full",
    reach: async (page, code) => {
      await fillPayment(page);
      await answer(page, refuse("confirm", { code }));
      await hook(page, "pay-review").click();
      await hook(page, "pay-confirm").click();
    },
    control: (page) => page.locator("dialog button.main"),
    goOn: async (page) => {
      await answer(page, { confirm: { ok: true, txid: "f0".repeat(32) } });
      await page.locator("dialog button.main").click();
    },
  },
  "AddressCheck.code": {
    path: "/pay/send",
    scene: "full",
    reach: async (page, code) => {
      await closeSheets(page);
      await answer(page, {
        ...(code === "bad_points" ? refuse("checkAddress", { code }) : { checkAddress: { ok: true } }),
        ...(code === "not_ready" ? refuse("propose", { code }) : { propose: "ok" }),
      });
      await hook(page, "pay-amount").fill("1");
      await hook(page, "pay-to").fill(ADDRESSES[code] ?? fakeAddress(1));
      await hook(page, "pay-to").blur();
      if (code !== "bad_points") await hook(page, "pay-review").click();
    },
    control: (page) => hook(page, "pay-review"),
    goOn: async (page) => {
      await answer(page, { checkAddress: { ok: true }, propose: "ok" });
      await hook(page, "pay-to").fill(fakeAddress(5));
      await hook(page, "pay-review").click();
    },
  },
  "OfferResult.code": {
    path: "/explore/stake",
    scene: "full",
    reach: async (page, code) => {
      if (!(await isThere(page, "stake-key"))) await hook(page, "stake-open").click();
      await answer(page, refuse("offer", { code }));
      await hook(page, "stake-key").fill("b0".repeat(48));
      await hook(page, "stake-offer").click();
    },
    control: (page) => hook(page, "stake-offer"),
    goOn: async (page) => {
      await answer(page, { offer: { ok: true, offer: "dstgoffer1fake" } });
      await hook(page, "stake-offer").click();
    },
  },
  "ProposeStakeResult.code": {
    path: "/explore/stake",
    scene: "full",
    reach: async (page, code) => {
      await closeSheets(page);
      await answer(page, refuse("proposeStake", { code, minimum: amount(1n) }));
      await hook(page, "unstake").first().click();
    },
    control: (page) => hook(page, "unstake").first(),
    goOn: async (page) => {
      await answer(page, { proposeStake: "ok" });
      await hook(page, "unstake").first().click();
    },
  },
  // What the media worker answers is tested with real files; here each answer has its words and a way on.
  "PictureResult.code": {
    path: "/packets/new",
    scene: "full",
    reach: async (page, code) => {
      await hook(page, "packet-picture").waitFor();
      await page.evaluate((problem) => (harness.app.packet!.picture.problem = problem), code as PictureRefusal);
    },
    control: (page) => hook(page, "packet-picture-choose"),
    goOn: async (page) => {
      await hook(page, "packet-picture-file").setInputFiles({ ...FILE, buffer: Buffer.from(gifFile(40, 30)) });
      await page.locator('[data-testid="packet-picture"][data-state="chosen"]').waitFor();
      await hook(page, "packet-picture-remove").click();
    },
  },
  "ProposePacketResult.code": {
    path: "/packets/new",
    scene: "full",
    reach: async (page, code) => {
      await answer(page, refuse("proposePacket", { code, missing: amount(7n) }));
      await hook(page, "packet-total").fill("88");
      await hook(page, "packet-count").fill("5");
      // A draft that was asked about is not asked about again.
      await hook(page, "packet-greeting").fill(code);
    },
    control: (page) => hook(page, "packet-create"),
    goOn: async (page) => {
      await answer(page, { proposePacket: "ok" });
      await hook(page, "packet-create").click();
    },
  },
  "FaucetResult.code": {
    path: "/pay",
    scene: "empty",
    reach: async (page, code) => {
      await answer(page, refuse("faucet", { code }));
      await hook(page, "faucet").click();
    },
    control: (page) => hook(page, "faucet"),
    goOn: async (page) => {
      await answer(page, { faucet: { ok: true } });
      await hook(page, "faucet").click();
    },
  },
  "MakeProofResult.code": {
    path: "/pay/history",
    scene: "paid",
    reach: async (page, code) => {
      await closeSheets(page);
      await answer(page, refuse("makeProof", { code }));
      await hook(page, "history-row").first().getByRole("button").click();
      await hook(page, "proof-open").click();
    },
    control: (page) => page.locator("dialog[open] .icon-button"),
  },
  "ProofCheck.code": {
    path: "/c",
    scene: "full",
    reach: (page, code) => {
      const more = code === "unchecked" ? { reason: "offline", proof: PROOF } : {};
      return checkProof(page, { ok: false, code, ...more } as FakeAnswers["checkProof"], code);
    },
    control: (page) => hook(page, "check-submit"),
    goOn: checkAnother,
  },
  "ProofCheck.reason": {
    path: "/c",
    scene: "full",
    reach: (page, reason) => {
      const unchecked = { ok: false, code: "unchecked", reason, proof: PROOF };
      return checkProof(page, unchecked as FakeAnswers["checkProof"], reason);
    },
    control: (page, reason) =>
      reason === "offline" ? hook(page, "check-result").getByRole("button") : hook(page, "check-submit"),
    goOn: checkAnother,
  },
  "CheckpointResult.code": {
    path: "/me/settings",
    scene: "full",
    reach: async (page, code) => {
      await openSheet(page, "checkpoint-enter", "checkpoint-text");
      await answer(page, refuse("enterCheckpoint", { code, index: 3 }));
      await hook(page, "checkpoint-text").fill(code);
      await hook(page, "checkpoint-take").click();
    },
    control: (page) => hook(page, "checkpoint-take"),
    goOn: async (page) => {
      await answer(page, { enterCheckpoint: { ok: true } });
      await hook(page, "checkpoint-take").click();
    },
  },
  "SyncView.problem": {
    path: "/explore",
    scene: "full",
    reach: (page, code) => showSync(page, { state: "offline", problem: code as NonNullable<SyncView["problem"]> }),
    control: (page, code) => page.locator(code === "checkpoint_too_old" ? ".strips button" : "nav a").last(),
    // It goes on by itself, or after what the words ask for.
    goOn: (page) => showSync(page, {}),
  },
  "RestoreView.problem": {
    path: "/pay",
    scene: "full",
    reach: (page, code) => showRestore(page, { ...RESTORING, problem: code as NonNullable<RestoreView["problem"]> }),
    control: (page) => hook(page, "restoring").getByRole("button"),
    goOn: (page) => showRestore(page, RESTORING),
  },
  "NodeView.fault": {
    path: "/me",
    scene: "full",
    reach: async (page, code) => {
      const fault = code as NonNullable<NodeView["fault"]>;
      await answer(page, { network: { ...NETWORK, nodes: [{ ...NETWORK.nodes[0]!, fault }] } });
      await go(page, "/me/settings");
    },
    control: (page) => page.locator(".screen-head .icon-button"),
  },
  "LockedResult.code": {
    path: "/pay",
    scene: "full",
    reach: (page) => lock(page, undefined),
    control: (page) => hook(page, "unlock-submit"),
    goOn: unlock,
  },
  "LockView.refused": {
    path: "/pay",
    scene: "full",
    reach: (page, code) => lock(page, code as "wrong_pin"),
    control: (page, code) => {
      if (code === "too_soon") return hook(page, "forgotten-open");
      return hook(page, code === "passkey_unknown" ? "unlock-passkey" : "unlock-submit");
    },
    goOn: unlock,
  },
  "CheckKitResult.code": {
    path: "/me/safety",
    scene: "full",
    reach: async (page, code) => {
      if (!(await isThere(page, "kit-check"))) {
        await openSheet(page, "kit-open", "kit-make");
        await hook(page, "kit-make").click();
        await hook(page, "kit-save").click();
        await hook(page, "kit-next").click();
      }
      await answer(page, refuse("checkKit", { code }));
      await checkKit(page);
    },
    control: (page) => hook(page, "kit-check"),
    goOn: async (page) => {
      await answer(page, { checkKit: { ok: true } });
      await checkKit(page);
      await hook(page, "kit-done").waitFor();
      await closeSheets(page);
    },
  },
  "SetPinResult.code": {
    path: "/me/safety",
    scene: "full",
    reach: async (page, code) => {
      await openPin(page, false);
      await answer(page, refuse("setPin", { code }));
      for (const field of ["pin-new", "pin-again"]) await hook(page, field).fill("294857");
      await hook(page, "pin-submit").click();
    },
    control: (page) => hook(page, "pin-submit"),
    goOn: async (page) => {
      await answer(page, { setPin: { ok: true } });
      await hook(page, "pin-submit").click();
    },
  },
  "ChangeLockResult.code": {
    path: "/me/safety",
    scene: "full",
    reach: async (page, code) => {
      await openPin(page, true);
      await answer(page, refuse("changeLock", { code }));
      if (!(await isThere(page, "pin-removal"))) await hook(page, "pin-remove").click();
      await hook(page, "pin-remove-confirm").click();
    },
    control: (page) => hook(page, "pin-remove-confirm"),
    goOn: async (page) => {
      await answer(page, { changeLock: { ok: true } });
      await hook(page, "pin-remove-confirm").click();
    },
  },
  "AddPasskeyResult.code": {
    path: "/me/safety",
    scene: "full",
    reach: async (page, code) => {
      await openSheet(page, "passkey-open", "passkey-add");
      await page.evaluate(async () => {
        harness.fake.answers.safety = { ...harness.fake.answers.safety, passkeys: [] };
        await harness.app.safety.look();
      });
      await answer(page, refuse("addPasskey", { code }));
      await hook(page, "passkey-add").click();
    },
    control: (page) => hook(page, "passkey-add"),
    goOn: async (page) => {
      await answer(page, { addPasskey: { ok: true } });
      await hook(page, "passkey-add").click();
    },
  },
  "BlockResult.code": {
    path: "/x#b-9880",
    scene: "full",
    reach: async (page, code) => {
      await answer(page, refuse("block", { code }));
      await hook(page, "look-newer").click();
    },
    control: (page) => hook(page, "look-again"),
    goOn: async (page) => {
      await answer(page, { block: { ok: true, block: BLOCK } });
      await hook(page, "look-again").click();
    },
  },
  "SearchResult.problem": {
    path: "/explore",
    scene: "full",
    reach: async (page, code) => {
      const found = { ok: true, hits: [], from: undefined, to: undefined, problem: code };
      await answer(page, { search: found } as unknown as Partial<FakeAnswers>);
      await hook(page, "search-text").fill("9999");
      await hook(page, "search-submit").click();
    },
    control: (page) => hook(page, "search-submit"),
    goOn: async (page) => {
      await answer(page, { search: { ok: true, hits: [], from: 1, to: 9_880, problem: undefined } });
      await hook(page, "search-submit").click();
    },
  },
  "SearchResult.code": {
    path: "/explore",
    scene: "full",
    reach: async (page, code) => {
      await answer(page, refuse("search", { code }));
      await hook(page, "search-text").fill("nothing of ours");
      await hook(page, "search-submit").click();
    },
    control: (page) => hook(page, "search-submit"),
    goOn: async (page) => {
      await answer(page, { search: { ok: true, hits: [], from: 1, to: 9_880, problem: undefined } });
      await hook(page, "search-text").fill("9880");
      await hook(page, "search-submit").click();
    },
  },
  "MakeRequestResult.code": {
    path: "/pay/receive",
    scene: "full",
    reach: async (page, code) => {
      await openSheet(page, "request-new", "request-create");
      await answer(page, refuse("makeRequest", { code }));
      await hook(page, "request-create").click();
    },
    control: (page) => hook(page, "request-create"),
    goOn: async (page) => {
      await answer(page, { makeRequest: { ok: true, id: ID } });
      await hook(page, "request-create").click();
      await hook(page, "request-status").waitFor();
    },
  },
  "ReadRequestResult.code": {
    path: "/pay",
    scene: "full",
    reach: async (page, code) => {
      await answer(page, refuse("readRequest", { code }));
      await page.evaluate(
        ([link, words]) => {
          harness.app.router.replace("/p");
          // A request that was read is not read once more; words around it make it another text.
          harness.app.asked.take(`${link} ${words}`);
        },
        [`/p#${fakeFragment()}`, code] as const,
      );
    },
    control: (page, code) => hook(page, code === "not_ready" ? "asked-again" : "asked-leave"),
    goOn: async (page, code) => {
      await answer(page, { readRequest: { ok: true, request: fakeAsked() } });
      await hook(page, code === "not_ready" ? "asked-again" : "asked-leave").click();
    },
  },
  "OpenLinkResult.code": {
    path: `/r#${fakePacketFragment()}`,
    scene: "new",
    reach: async (page, code) => {
      await page.reload();
      await hook(page, "packet-open").click();
      await endOpening(page, { ok: false, code: code as OpenLinkCode });
    },
    control: (page, code) => hook(page, CLAIM_CONTROLS[CLAIM_WAYS[code as OpenLinkCode]]),
    leaves: Object.entries(CLAIM_WAYS).flatMap(([code, way]) => (way === "again" ? [] : [code])),
  },
  "PacketCheckResult.code": {
    path: `/r#${fakePacketFragment()}`,
    scene: "new",
    reach: async (page, code) => {
      // The page loads itself again for another link than the one in its address.
      const { origin, pathname, search } = new URL(page.url());
      await page.goto(`${origin}${pathname}${search}#${fakePacketFragment()}`);
      await hook(page, "packet-open").click();
      await storeClaim(page, fakeOpened());
      await answer(page, refuse("checkPacket", { code }));
      await hook(page, "packet-verify").click();
    },
    control: (page) => hook(page, "packet-verify"),
    goOn: async (page) => {
      await answer(page, { checkPacket: { ok: true, view: CHECKED_PACKET } });
      await hook(page, "packet-verify").click();
      await hook(page, "packet-raw").waitFor();
    },
  },
};
