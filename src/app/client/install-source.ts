import { browserKindOf } from "../state/browser-kind.ts";
import type { InstallSource } from "../state/install.svelte.ts";

/** Chromium's event; the compiler's DOM library does not know it (https://wicg.github.io/manifest-incubations/). */
interface BeforeInstallPromptEvent extends Event {
  prompt(): Promise<{ readonly outcome: "accepted" | "dismissed" }>;
}

/** The parts of the browser that are needed. `standalone` is Safari's. */
export interface InstallPlatform {
  readonly navigator: Pick<Navigator, "userAgent"> & {
    readonly maxTouchPoints?: number;
    readonly standalone?: boolean;
  };
  matchMedia(query: string): Pick<MediaQueryList, "matches">;
  addEventListener(type: string, listen: (event: Event) => void): void;
}

/** Reads from the browser what it says of installing the app. Nothing of it leaves the device. */
export function installSourceOf(browser: InstallPlatform): InstallSource {
  const { userAgent, maxTouchPoints = 0, standalone = false } = browser.navigator;
  return {
    kind: browserKindOf(userAgent, maxTouchPoints),
    isInstalled: standalone || !browser.matchMedia("(display-mode: browser)").matches,
    watch(onOffer) {
      browser.addEventListener("beforeinstallprompt", (event) => {
        // Without this some browsers lay a banner over the page by themselves.
        event.preventDefault();
        onOffer(async () => (await (event as BeforeInstallPromptEvent).prompt()).outcome === "accepted");
      });
      browser.addEventListener("appinstalled", () => onOffer(undefined));
    },
  };
}
