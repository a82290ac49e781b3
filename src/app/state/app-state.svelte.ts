import { createContext } from "svelte";
import type { Passkeys } from "../client/passkeys.ts";
import { chooseLanguage, forcedLanguage, type LanguageCode } from "../i18n/language-codes.ts";
import { Announcer } from "./announcer.svelte.ts";
import { ArrivalBadge, type ShowBadge } from "./arrival-badge.ts";
import { AskedState } from "./asked.svelte.ts";
import { AutoLock } from "./auto-lock.svelte.ts";
import { CheckState } from "./check.svelte.ts";
import { Drafts } from "./drafts.svelte.ts";
import { FaucetState } from "./faucet.svelte.ts";
import { type InstallSource, InstallState } from "./install.svelte.ts";
import { Language } from "./language.svelte.ts";
import { SearchState } from "./look.svelte.ts";
import type { PacketDraftState } from "./packet-draft.svelte.ts";
import type { Preferences } from "./preferences.svelte.ts";
import { ReceiveState } from "./receive.svelte.ts";
import { Router, type RouterWindow } from "./router.svelte.ts";
import { type PersistentStorage, SafetyState } from "./safety.svelte.ts";
import { SendState } from "./send.svelte.ts";
import { type Connect, Session } from "./session.svelte.ts";
import { type Draft, type UpdateSource, UpdateState } from "./update.svelte.ts";

/** What the app takes from the browser. */
export interface Platform {
  readonly connect: Connect;
  readonly window: RouterWindow;
  readonly preferences: Preferences;
  readonly storage: PersistentStorage;
  readonly updates: UpdateSource;
  readonly passkeys: Passkeys;
  readonly install: InstallSource;
  readonly badge: ShowBadge;
  /** Removes what the browser keeps for this origin beside the client's database. */
  readonly wipe: () => Promise<void>;
  readonly now: () => number;
}

/** Everything the screens show and do, joined. */
export class AppState {
  readonly router: Router;
  readonly language = new Language();
  readonly announcer = new Announcer();
  readonly preferences: Preferences;
  readonly session: Session;
  readonly send: SendState;
  readonly receive: ReceiveState;
  readonly faucet: FaucetState;
  readonly safety: SafetyState;
  readonly asked = new AskedState();
  readonly autoLock: AutoLock;
  readonly check: CheckState;
  readonly drafts = new Drafts();
  /** From the first look at its screen on: one packet is made at a time, however often somebody leaves and comes back. */
  packet: PacketDraftState | undefined;
  readonly search: SearchState;
  readonly update: UpdateState;
  readonly install: InstallState;
  readonly badge: ArrivalBadge;
  readonly passkeys: Passkeys;
  readonly now: () => number;

  readonly #wipe: () => Promise<void>;

  constructor(platform: Platform) {
    this.#wipe = platform.wipe;
    this.now = platform.now;
    this.passkeys = platform.passkeys;
    this.router = new Router(platform.window);
    this.preferences = platform.preferences;
    this.session = new Session(platform.connect, this.preferences);
    this.send = new SendState(this.session, platform.now);
    this.receive = new ReceiveState(this.session);
    this.search = new SearchState(this.session);
    this.faucet = new FaucetState(this.session);
    this.safety = new SafetyState(this.session, platform.storage);
    this.autoLock = new AutoLock(this.session, this.safety, this.preferences, platform.now);
    this.check = new CheckState(this.session);
    this.install = new InstallState(platform.install);
    this.badge = new ArrivalBadge(this.session, platform.badge);
    this.update = new UpdateState(platform.updates, () => this.#draft());
  }

  /** The language of the first paint, from the address, the last choice or the browser. */
  async chooseLanguage(search: string, languages: readonly string[]): Promise<void> {
    await this.language.use(chooseLanguage(forcedLanguage(search), this.preferences.readLanguage(), languages));
  }

  /** Goes on with what was half written when the person chose to update. */
  async takeUpDraft(): Promise<void> {
    const draft = await this.update.takeDraft();
    if (draft === undefined) return;
    this.send.takeUp(draft);
    this.check.text = draft["check.text"] ?? "";
    // One in the address comes first: its screen takes it.
    this.asked.link = draft["asked.link"] ?? "";
    this.search.text = draft["search.text"] ?? "";
    this.drafts.take(draft);
  }

  #draft(): Draft {
    return {
      ...this.drafts.texts,
      ...this.send.texts,
      "check.text": this.check.text,
      "asked.link": this.asked.link,
      "search.text": this.search.text,
    };
  }

  async setLanguage(code: LanguageCode): Promise<void> {
    await this.language.use(code);
    this.preferences.writeLanguage(this.language.code);
  }

  /** After a stop. Another tab may have made another wallet meanwhile: address and payment on show may be nobody's. */
  async startOver(): Promise<void> {
    this.receive.clear();
    this.send.forgetStored();
    await this.session.start();
  }

  /** The way on when what is stored cannot be read: it goes, and the words bring everything back. */
  async discardAndRestore(): Promise<void> {
    this.#letGo();
    this.session.acceptLoss();
    await this.session.start({ discardBroken: true });
    if (this.session.wallet?.exists === false) this.router.replace("/restore");
  }

  /** The way on for whoever cannot open a locked wallet: it goes, and another way back brings the coins. */
  async discardLockedAndRestore(): Promise<void> {
    this.#letGo();
    this.session.acceptLoss();
    await this.session.start({ discardLocked: true });
    if (this.session.wallet?.exists === false) this.router.replace("/restore");
  }

  /** The way on when what was stored is gone: to the words, or to a new wallet. Where it is there after all, to it. */
  async goOnWithoutStored(way: "restore" | "anew"): Promise<void> {
    this.#letGo();
    this.session.acceptLoss();
    await this.session.start();
    if (this.session.wallet?.exists === false) this.router.replace(way === "restore" ? "/restore" : "/");
  }

  /** Nothing shown of the wallet of before counts, nor what was typed for it. */
  #letGo(): void {
    this.receive.clear();
    this.send.forget();
    this.drafts.clear();
    this.packet?.clear();
    this.search.clear();
    this.badge.forget();
  }

  /** Removes the wallet and everything typed for it, and turns to the start. */
  erase(): Promise<boolean> {
    return this.safety.erase(async () => {
      await this.#wipe();
      this.#letGo();
      this.faucet.reset();
      this.check.clear();
      this.asked.clear();
      await this.router.closeSheet();
      this.router.replace("/");
      this.router.forget();
    });
  }
}

export const [getAppState, setAppState] = createContext<AppState>();
