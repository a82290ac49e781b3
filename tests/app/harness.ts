import { mount } from "svelte";
import type { ClientEvent } from "../../src/api/events.ts";
import App from "../../src/app/App.svelte";
import { installSourceOf } from "../../src/app/client/install-source.ts";
import { Preferences } from "../../src/app/state/preferences.svelte.ts";
import { installWorkerUrlPolicy, trustedTypesOf } from "../../src/app/client/worker-url-policy.ts";
import type { BrowserKind } from "../../src/app/state/browser-kind.ts";
import type { InstallSource } from "../../src/app/state/install.svelte.ts";
import { AppState } from "../../src/app/state/app-state.svelte.ts";
import "../../src/app/styles/app.css";
import { amount } from "../../src/core/values/amount.ts";
import { fakePasskeys } from "../support/fake-passkeys.ts";
import { FakeClient, fakeAddress, fakeRow, LIVE } from "../support/fake-client.ts";

/** What the tests reach from outside the page. */
export interface Harness {
  readonly fake: FakeClient;
  readonly app: AppState;
  offerUpdate(): void;
}

/** The fixed scenes of `?scene=`: what the client says first. */
const MINUTE_MS = 60_000;
const now = Date.now();
const balance: ClientEvent = {
  type: "balance-changed",
  balance: { total: amount(1_234_560_000n), usable: amount(734_560_000n) },
};
const history: ClientEvent = {
  type: "history-changed",
  history: [
    fakeRow({ id: "aa".repeat(32), state: "queued", timeMs: now, height: undefined, memo: "Lunch" }),
    fakeRow({ id: "ab".repeat(32), state: "sent", timeMs: now - MINUTE_MS, height: undefined, to: fakeAddress(9) }),
    fakeRow({ id: "leaf:12", direction: "in", amount: amount(1_000_000_000n), timeMs: now - 5 * MINUTE_MS }),
    fakeRow({ id: "ac".repeat(32), state: "failed", timeMs: now - 9 * MINUTE_MS, height: undefined, canRetry: true }),
    fakeRow({
      id: "leaf:3",
      direction: "in",
      amount: amount(1n),
      memo: "恭喜发财，大吉大利",
      timeMs: now - 86_400_000,
    }),
    fakeRow({ id: "ad".repeat(32), memo: "A note so long that no row can hold it, whatever the width of the screen" }),
  ],
};

function scene(name: string): FakeClient {
  const fake = new FakeClient({ exists: name !== "new", wordsSeen: name !== "unsafe" });
  const first: ClientEvent[] = [{ type: "sync-changed", sync: LIVE }];
  if (name === "empty") first.push({ type: "balance-changed", balance: { total: amount(0n), usable: amount(0n) } });
  if (name === "empty" || name === "new") first.push({ type: "history-changed", history: [] });
  if (name === "full" || name === "unsafe") first.push(balance, history);
  if (name === "paid") first.push(balance, { type: "history-changed", history: [fakeRow({ id: "f0".repeat(32) })] });
  if (name !== "full") {
    fake.answers.stakes = [];
    fake.answers.made = [];
    fake.answers.claims = [];
    fake.answers.validators = { ok: true, validators: [], accrued: undefined };
  }
  fake.begin(...first);
  return fake;
}

/** The browser this is, or the kind that `?browser=` asks for. */
function installSource(): InstallSource {
  const source = installSourceOf(window);
  const kind = new URLSearchParams(location.search).get("browser") as BrowserKind | null;
  return kind === null ? source : { ...source, kind };
}

async function start(target: Element): Promise<void> {
  installWorkerUrlPolicy(location.origin, trustedTypesOf(window));
  const fake = scene(new URLSearchParams(location.search).get("scene") ?? "full");
  let offerUpdate = (): void => undefined;
  const app = new AppState({
    connect: () => ({ client: fake, close: () => undefined }),
    window,
    preferences: new Preferences(undefined),
    storage: undefined,
    updates: {
      watch: (onReady) => void (offerUpdate = onReady),
      check: () => Promise.resolve("newest"),
      apply: () => Promise.resolve(),
      reload: () => {
        location.reload();
        return Promise.resolve();
      },
      takeDraft: () => Promise.resolve(undefined),
    },
    passkeys: fakePasskeys(new URLSearchParams(location.search).get("passkeys")),
    install: installSource(),
    badge: undefined,
    wipe: () => Promise.resolve(),
    now: () => Date.now(),
  });
  Object.assign(window, { harness: { fake, app, offerUpdate: () => offerUpdate() } satisfies Harness });
  await app.chooseLanguage(location.search, []);
  if (location.pathname === "/_/gallery") {
    (await import("../../src/app/gallery/open-gallery.ts")).openGallery(app, target);
    return;
  }
  mount(App, { target, props: { app } });
  await app.session.start();
}

const target = document.querySelector("#app");
if (target !== null) void start(target);
