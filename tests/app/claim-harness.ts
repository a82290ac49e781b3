import { mount } from "svelte";
import { installWorkerUrlPolicy, trustedTypesOf } from "../../src/app/client/worker-url-policy.ts";
import { chooseLanguage, forcedLanguage } from "../../src/app/i18n/language-codes.ts";
import ClaimPage from "../../src/app/landing/ClaimPage.svelte";
import { browserKindOf, type BrowserKind } from "../../src/app/state/browser-kind.ts";
import { ClaimLanguage } from "../../src/app/state/claim-language.svelte.ts";
import { ClaimState } from "../../src/app/state/claim.svelte.ts";
import { Preferences } from "../../src/app/state/preferences.svelte.ts";
import { Session } from "../../src/app/state/session.svelte.ts";
import "../../src/app/styles/app.css";
import "../../src/app/landing/claim.css";
import { FakeClaims } from "../support/fake-claims.ts";
import { FakeClient, LIVE } from "../support/fake-client.ts";

/** What the tests reach from outside the claim page. */
export interface ClaimHarness {
  readonly fake: FakeClient;
  readonly claims: FakeClaims;
  readonly claim: ClaimState;
  readonly preferences: Preferences;
  /** How often a client was started. */
  connections: number;
  wins: number;
  /** In the place of the app's, for whoever looks at every page alike. */
  readonly app: { readonly language: ClaimLanguage; readonly session: { readonly phase: "ready" } };
}

async function start(target: Element): Promise<void> {
  installWorkerUrlPolicy(location.origin, trustedTypesOf(window));
  const asked = new URLSearchParams(location.search);
  const fake = new FakeClient({ exists: asked.get("scene") !== "new", wordsSeen: true });
  fake.begin({ type: "sync-changed", sync: LIVE });
  const claims = new FakeClaims(fake);
  const language = new ClaimLanguage();
  const connect = () => {
    harness.connections++;
    return { client: fake, close: () => undefined };
  };
  const preferences = new Preferences(undefined);
  const claim = new ClaimState(window, new Session(connect, preferences));
  const app = { language, session: { phase: "ready" } } as const;
  const harness: ClaimHarness = { fake, claims, claim, preferences, connections: 0, wins: 0, app };
  await language.use(chooseLanguage(forcedLanguage(location.search), null, []));
  Object.assign(window, { harness });
  window.addEventListener("hashchange", () => location.reload());
  const kind = (asked.get("browser") as BrowserKind | null) ?? browserKindOf(navigator.userAgent, 0);
  const onwon = (): void => {
    harness.wins++;
  };
  mount(ClaimPage, { target, props: { claim, language, preferences, kind, onwon } });
  await claim.resume();
}

const target = document.querySelector("#app");
if (target !== null) void start(target);
