import { mount } from "svelte";
import { connect, inFront } from "../client/connect.ts";
import { openPreferences } from "../client/open-preferences.ts";
import { registerServiceWorker } from "../client/register-service-worker.ts";
import { installWorkerUrlPolicy, trustedTypesOf } from "../client/worker-url-policy.ts";
import { chooseLanguage, forcedLanguage } from "../i18n/language-codes.ts";
import { browserKindOf } from "../state/browser-kind.ts";
import { ClaimLanguage } from "../state/claim-language.svelte.ts";
import { ClaimState } from "../state/claim.svelte.ts";
import { Session } from "../state/session.svelte.ts";
import ClaimPage from "./ClaimPage.svelte";
import "../styles/app.css";
import "./claim.css";

/** The whole of `/r`: until somebody taps, no client is started, and nothing is asked of anybody. */
async function start(target: Element): Promise<void> {
  installWorkerUrlPolicy(location.origin, trustedTypesOf(window));
  const preferences = openPreferences();
  const language = new ClaimLanguage();
  const claim = new ClaimState(window, new Session(connect, preferences));
  await language.use(chooseLanguage(forcedLanguage(location.search), preferences.readLanguage(), navigator.languages));
  // A link pasted over this one changes the fragment alone.
  window.addEventListener("hashchange", () => location.reload());
  window.addEventListener("online", () => claim.goOnline());
  // Browsers without secure context have none, whatever the types say.
  const { serviceWorker } = navigator as Partial<Navigator>;
  const onwon = (): void => void registerServiceWorker(import.meta.env.PROD ? serviceWorker : undefined);
  const kind = browserKindOf(navigator.userAgent, navigator.maxTouchPoints);
  // The page has said in plain HTML what it is.
  target.replaceChildren();
  mount(ClaimPage, { target, props: { claim, language, preferences, kind, onwon } });
  // A tab in the background takes the client from nobody.
  await inFront(document);
  await claim.resume();
}

const target = document.querySelector("#app");
if (target !== null) void start(target);
