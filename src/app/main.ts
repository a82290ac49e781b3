import { mount } from "svelte";
import App from "./App.svelte";
import { connect, inFront } from "./client/connect.ts";
import { watchServiceWorker } from "./client/service-worker.ts";
import { installWorkerUrlPolicy, trustedTypesOf } from "./client/worker-url-policy.ts";
import { AppState } from "./state/app-state.svelte.ts";
import PayScreen from "./screens/PayScreen.svelte";
import StartScreen from "./screens/StartScreen.svelte";
import type { PreferenceStore } from "./state/preferences.svelte.ts";
import "./styles/app.css";

/** Reading the property alone throws where the browser forbids storage. */
function openPreferences(): PreferenceStore {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}

/** Likewise. */
function openSession(): Storage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}

async function start(target: Element): Promise<void> {
  installWorkerUrlPolicy(location.origin, trustedTypesOf(window));
  // Browsers without secure context have neither, whatever the types say.
  const { storage, serviceWorker } = navigator as Partial<Navigator>;
  const app = new AppState({
    connect,
    window,
    preferences: openPreferences(),
    storage,
    updates: watchServiceWorker({
      container: import.meta.env.PROD ? serviceWorker : undefined,
      page: document,
      session: openSession(),
      reload: () => location.reload(),
      now: () => Date.now(),
    }),
    now: () => Date.now(),
  });
  // The client is loaded while the page is still being made.
  const started = inFront(document).then(() => app.session.start());
  await app.chooseLanguage(location.search, navigator.languages);
  await app.takeUpDraft();
  mount(App, { target, props: { app, ready: { start: StartScreen, "/": PayScreen, "/pay": PayScreen } } });
  await started;
}

const target = document.querySelector("#app");
if (target !== null) void start(target);
