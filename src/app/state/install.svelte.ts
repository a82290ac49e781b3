import type { BrowserKind } from "./browser-kind.ts";

/** The browser's own offer to install the app. It can be taken up once; true: the person said yes. */
export type InstallOffer = () => Promise<boolean>;

/** What the browser says of installing; see client/install-source.ts. */
export interface InstallSource {
  readonly kind: BrowserKind;
  /** The app runs on its own, from the home screen or in a window without an address bar. */
  readonly isInstalled: boolean;
  /** Calls back when the browser offers to install the app, and with nothing when it is installed. */
  watch(onOffer: (offer: InstallOffer | undefined) => void): void;
}

/** How the app comes to stay on this device, where it does not yet. Offered in one place, asked for nowhere. */
export class InstallState {
  isDeclined = $state.raw(false);
  isInstalled = $state.raw(false);
  #offer = $state.raw<InstallOffer>();
  readonly #source: InstallSource;

  constructor(source: InstallSource) {
    this.#source = source;
    this.isInstalled = source.isInstalled;
    source.watch((offer) => {
      this.#offer = offer;
      if (offer === undefined) this.isInstalled = true;
    });
  }

  /** The app runs in a window of another app, whose storage goes with that app. */
  get isInApp(): boolean {
    return this.#source.kind === "in-app" && !this.#source.isInstalled;
  }

  /** `prompt`: the browser asks. `guide`: the person does it by hand, and is shown how. */
  get way(): "prompt" | "guide" | undefined {
    if (this.isInstalled || this.isInApp) return undefined;
    if (this.#offer !== undefined) return "prompt";
    return this.#source.kind === "ios" ? "guide" : undefined;
  }

  /** Lets the browser ask. A no is no error; the browser may offer again another day. */
  async prompt(): Promise<void> {
    const offer = this.#offer;
    this.#offer = undefined;
    this.isDeclined = offer !== undefined && !(await offer().catch(() => false));
  }
}
