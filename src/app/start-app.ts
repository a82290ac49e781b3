import { mount } from "svelte";
import App from "./App.svelte";
import { connect, inFront } from "./client/connect.ts";
import { readShown } from "../client/storage/read-shown.ts";
import { installSourceOf } from "./client/install-source.ts";
import { nextTask } from "./client/next-task.ts";
import { openPreferences } from "./client/open-preferences.ts";
import { openPasskeys } from "./client/passkeys.ts";
import { watchServiceWorker } from "./client/service-worker.ts";
import { originStoresOf, wipeOrigin } from "./client/wipe-origin.ts";
import { installWorkerUrlPolicy, trustedTypesOf } from "./client/worker-url-policy.ts";
import { AppState } from "./state/app-state.svelte.ts";
import { fetchScreen, type ReadyScreens } from "./screens/screens.ts";
import "./styles/app.css";

/** For those who make the components and for tests; no link leads there. */
const GALLERY_PATH = "/_/gallery";

/** Longer than this nothing is waited for that can be drawn later: a store that is slow, a page in the background. */
const FAMILIAR_MS = 150;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Reading the property alone throws where the browser forbids storage. */
function openSession(): Storage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}

/** In several tasks: a slow phone that does all of it in one answers no tap meanwhile. */
async function start(target: Element, ready: ReadyScreens): Promise<void> {
  const preferences = openPreferences();
  // Of storage, which takes its time: asked first, and waited for before anything is drawn.
  const shown = preferences.hadWallet ? readShown() : undefined;
  await nextTask();
  installWorkerUrlPolicy(location.origin, trustedTypesOf(window));
  // Browsers without secure context have neither, whatever the types say.
  const { storage, serviceWorker } = navigator as Partial<Navigator>;
  const app = new AppState({
    connect,
    window,
    preferences,
    storage,
    updates: watchServiceWorker({
      container: import.meta.env.PROD ? serviceWorker : undefined,
      page: document,
      session: openSession(),
      reload: () => location.reload(),
      now: () => Date.now(),
    }),
    passkeys: openPasskeys(window),
    install: installSourceOf(window),
    badge: (navigator as Partial<Navigator>).setAppBadge?.bind(navigator),
    wipe: () => wipeOrigin(originStoresOf(window)),
    now: () => Date.now(),
  });
  if (location.pathname === GALLERY_PATH) {
    await app.chooseLanguage(location.search, navigator.languages);
    target.replaceChildren();
    (await import("./gallery/open-gallery.ts")).openGallery(app, target);
    return;
  }
  // The client is loaded while the page is still being made, and what the address asks for with it.
  const { route } = app.router;
  if (route !== undefined && ready[route] === undefined) fetchScreen(route);
  const begun = inFront(document).then(() => ({ started: app.session.start() }));
  const familiar = shown && Promise.all([shown, begun]).then(([view]) => view && app.session.showLast(view));
  await app.chooseLanguage(location.search, navigator.languages);
  await app.takeUpDraft();
  await nextTask();
  if (familiar !== undefined) {
    await Promise.race([familiar, sleep(FAMILIAR_MS)]);
    // It came with work of its own.
    await nextTask();
  }
  // The page has said in plain HTML what it is.
  target.replaceChildren();
  mount(App, { target, props: { app, ready } });
  await (
    await begun
  ).started;
}

/** Starts the app in the page. `ready` are the screens that came along with it. */
export function startApp(ready: ReadyScreens): void {
  const target = document.querySelector("#app");
  if (target !== null) void start(target, ready);
}
