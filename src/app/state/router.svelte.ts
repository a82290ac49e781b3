import { localOf, type Path, pathOf, placeOf, type Route, routeOf, type Tab } from "./routes.ts";

const SKIP_LINK = "#content";
/** More entries than any person makes; what an entry of a stranger says beyond it is not believed. */
const DEPTH_MAX = 10_000;
/** Of what stands behind `#`, in letters: far more than any link of ours has. The rest is cut off. */
export const FRAGMENT_LENGTH_MAX = 8_192;

/** The payment on view when the page was loaded again: its id was not kept, and nothing newer was sent since. */
export const NEWEST_PAYMENT = "newest";

/** What an entry of the browser's history carries besides its path. No erase reaches it, so it names no payment. */
interface Entry {
  /** Entries of ours before this one. */
  readonly depth: number;
  /** Of these, those since the tab was last changed: above 0 the entry before this one is the screen it was opened from. */
  readonly inner: number;
  /** The sheet that lies over the screen. */
  readonly sheet?: string;
  /** The sheet over which that one was opened. */
  readonly under?: string;
  /** Stands for the payment that the screen or the sheet is about; means nothing outside this page. */
  readonly payment?: string;
}

/** Where a tab was left. */
interface LeftTab {
  readonly path: Path;
  readonly top: number;
  readonly payment: string | undefined;
  /** What was on view there, where the address says it. */
  readonly shown: string;
}

/** Where the page is to stand, in pixels from its top. A new value each time it is to be taken there. */
interface ScrollPlace {
  readonly top: number;
  /** The list beside the screen goes to its top as well. */
  readonly isWhole?: true;
}

/** The part of a window that the router needs. */
export type RouterWindow = Pick<Window, "history" | "location" | "addEventListener" | "scrollY">;

/** What an entry says, whoever wrote it: a version of before, or somebody at the console. */
function readEntry(state: unknown): Entry {
  if (typeof state !== "object" || state === null) return { depth: 0, inner: 0 };
  const { depth: toldDepth, inner: toldInner, sheet, under, payment } = state as Readonly<Record<string, unknown>>;
  const depth = readCount(toldDepth, DEPTH_MAX);
  return {
    depth,
    inner: readCount(toldInner, depth),
    ...(typeof sheet === "string" ? { sheet } : {}),
    ...(typeof under === "string" ? { under } : {}),
    ...(typeof payment === "string" ? { payment } : {}),
  };
}

function readCount(told: unknown, max: number): number {
  return typeof told === "number" && Number.isInteger(told) && told >= 0 && told <= max ? told : 0;
}

/** Paths, Back, sheets as history entries, tabs as they were left, and the scroll place of each entry. */
export class Router {
  /** As the app writes it; undefined where the address leads nowhere. */
  path = $state.raw<Path | undefined>();
  route = $state.raw<Route | undefined>();
  entry = $state.raw<Entry>({ depth: 0, inner: 0 });
  /** Where the page is to stand once the screen is drawn. */
  scroll = $state.raw<ScrollPlace>({ top: 0 });
  /**
   * What stands behind `#` of the address, on screens that are meant to read it. It may be a secret. It stays in the
   * address until {@link dropFragment}, since people take an address from one browser to another.
   */
  fragment = $state.raw("");
  /** What the address names on this device, on a route that has such a part. */
  readonly local = $derived(this.path === undefined ? undefined : localOf(this.path));
  readonly tab = $derived(this.route === undefined ? undefined : placeOf(this.route).tab);
  /** True once the person has gone anywhere, begun or unlocked; before that the browser itself places the focus. */
  isMoved = false;
  readonly #window: RouterWindow;
  readonly #scrolls: number[] = [];
  /** The screens of entries that were left, by their depth. */
  #routes: (Route | undefined)[] = [];
  #left: Partial<Record<Tab, LeftTab>> = {};
  /** Fragments that are no longer needed: they go from every entry that is seen again. */
  readonly #dropped: string[] = [];
  /** Ids of payments by what stands for them in entries. */
  #payments: Record<string, string> = {};
  #paymentCount = 0;
  #closing: Promise<void> | undefined;
  #onPopped: (() => void) | undefined;

  constructor(window: RouterWindow) {
    this.#window = window;
    const { depth, inner, payment } = readEntry(window.history.state);
    // A sheet does not outlive a reload: what it was about is gone.
    const kept = payment === undefined ? undefined : NEWEST_PAYMENT;
    this.fragment = this.#readFragment();
    this.#write("replaceState", this.#path(), { depth, inner, ...this.#about(kept) });
    window.history.scrollRestoration = "manual";
    window.addEventListener("popstate", () => this.#pop());
  }

  /** The id of the payment that the entry is about, or NEWEST_PAYMENT. */
  get payment(): string | undefined {
    return this.entry.payment === undefined ? undefined : this.#payments[this.entry.payment];
  }

  /** The screen from which this one was opened; undefined where that was not on this page. */
  get before(): Route | undefined {
    return this.entry.inner > 0 ? this.#routes[this.entry.depth - 1] : undefined;
  }

  /** `fragment`: what is to be on view, for a route that keeps it. */
  go(path: Path, fragment = ""): void {
    const { sheet, payment } = this.entry;
    const route = routeOf(path);
    this.isMoved = true;
    const isKept = route !== undefined && placeOf(route).keepsFragment === true;
    const isThere = path === this.path && (!isKept || fragment === this.fragment);
    // Beside a list the screen that is asked for may be there already.
    if (isThere && sheet === undefined && payment === undefined) return;
    this.#push(path, { inner: this.entry.inner + 1 }, 0, fragment);
  }

  replace(path: Path, payment?: string): void {
    const { depth, inner } = this.entry;
    this.isMoved = true;
    this.fragment = "";
    this.#write("replaceState", path, { depth, inner, ...this.#about(payment) });
    this.scroll = { top: 0 };
  }

  /** The tab as it was left. Asked for once more: its first screen, and there the top. */
  openTab(tab: Tab): void {
    const left = this.#left[tab];
    this.isMoved = true;
    if (this.tab !== tab && left !== undefined) {
      const about = left.payment === undefined ? {} : { payment: left.payment };
      this.#push(left.path, { inner: 0, ...about }, left.top, left.shown);
    } else if (this.tab !== tab || (this.route && placeOf(this.route).above) !== undefined) {
      this.#push(`/${tab}`, { inner: 0 }, 0);
    } else {
      void this.closeSheet();
      this.scroll = { top: 0, isWhole: true };
    }
  }

  /** To the screen from which this one was opened, or to the one above where it was opened otherwise. */
  back(): void {
    if (this.entry.inner > 0) this.#window.history.back();
    else this.replace((this.route && placeOf(this.route).above) ?? "/pay");
  }

  /** Into the address with what the screen had from elsewhere, until {@link dropFragment}. One that came so stays. */
  keepFragment(fragment: string): void {
    if (this.fragment !== "") return;
    this.fragment = fragment;
    this.#write("replaceState", this.#path(), this.entry);
  }

  /** What the fragment brought is stored, or of no use: it goes from the address and from what Back leads to. */
  dropFragment(): void {
    if (this.fragment === "") return;
    this.#dropped.push(this.fragment);
    this.fragment = "";
    this.#write("replaceState", this.#path(), this.entry);
  }

  /** Opens it over the entry that it was asked for: whoever has gone elsewhere meanwhile finds no sheet there. */
  openSheet(sheet: string, payment?: string, over: Entry = this.entry): void {
    if (over !== this.entry) return;
    const { depth, inner } = this.entry;
    this.#leave();
    // Beside a list the same sheet is opened for one payment after another.
    const isAgain = this.entry.sheet === sheet;
    const step = isAgain ? 0 : 1;
    const below = isAgain ? this.entry.under : this.entry.sheet;
    const under = below === undefined ? {} : { under: below };
    const entry = { depth: depth + step, inner: inner + step, sheet, ...under, ...this.#about(payment) };
    this.#write(isAgain ? "replaceState" : "pushState", this.#path(), entry);
  }

  /** Resolves when the entry of the sheet is gone, so that what follows changes the entry below. */
  async closeSheet(): Promise<void> {
    if (this.entry.sheet === undefined) return;
    // A sheet that goes away says so once more; its entry must be left only once.
    this.#closing ??= new Promise((resolve) => {
      this.#onPopped = resolve;
      this.#window.history.back();
    });
    await this.#closing;
  }

  /** Nothing is left of the tabs and payments of a wallet that was erased. */
  forget(): void {
    this.#left = {};
    this.#payments = {};
    this.#routes = [];
  }

  #push(path: Path, entry: Omit<Entry, "depth">, top: number, fragment = ""): void {
    this.#leave();
    this.fragment = fragment;
    this.#write("pushState", path, { depth: this.entry.depth + 1, ...entry });
    this.scroll = { top };
  }

  #leave(): void {
    const { path, route, tab, entry } = this;
    const top = this.#window.scrollY;
    this.#scrolls[entry.depth] = top;
    this.#routes[entry.depth] = route;
    // What a sheet was about is not what its screen is about.
    const payment = entry.sheet === undefined ? entry.payment : undefined;
    if (path === undefined || route === undefined || tab === undefined || placeOf(route).isErrand === true) return;
    const shown = placeOf(route).keepsFragment === true ? this.fragment : "";
    this.#left[tab] = { path, top, payment, shown };
  }

  #about(payment: string | undefined): Pick<Entry, "payment"> {
    if (payment === undefined) return {};
    // Entries of a page before this one must stand for nothing here.
    const name = `${performance.timeOrigin}/${this.#paymentCount++}`;
    this.#payments[name] = payment;
    return { payment: name };
  }

  #write(method: "pushState" | "replaceState", path: string, entry: Entry): void {
    const { origin, search } = this.#window.location;
    const route = routeOf(path);
    const isShown = method === "replaceState" || (route !== undefined && placeOf(route).keepsFragment === true);
    const isKept = isShown && entry.sheet === undefined && this.fragment !== "";
    // Whole: a path that begins with two slashes would name another host. The query stays: it forces a language or a
    // backend for as long as the page lives.
    this.#window.history[method](entry, "", origin + path + search + (isKept ? `#${this.fragment}` : ""));
    this.#read(path, entry);
  }

  #read(path: string, entry: Entry): void {
    this.path = pathOf(path);
    this.route = routeOf(path);
    this.entry = entry;
  }

  /** The path as the app writes it: where an old one has moved, the new one. */
  #path(): string {
    const { pathname } = this.#window.location;
    return pathOf(pathname) ?? pathname;
  }

  #readFragment(): string {
    const { hash, pathname } = this.#window.location;
    const route = routeOf(pathname);
    const isMeant = route !== undefined && placeOf(route).hasFragment === true && hash !== SKIP_LINK;
    return isMeant ? hash.slice(1, 1 + FRAGMENT_LENGTH_MAX) : "";
  }

  #pop(): void {
    this.isMoved = true;
    this.#leave();
    const entry = readEntry(this.#window.history.state);
    const path = this.#path();
    const found = this.#readFragment();
    const isDropped = this.#dropped.includes(found);
    // A sheet has an address without it, over a screen that may still want it.
    if (entry.sheet === undefined || routeOf(path) !== this.route) this.fragment = isDropped ? "" : found;
    if (isDropped || path !== this.#window.location.pathname) this.#write("replaceState", path, entry);
    else this.#read(path, entry);
    this.#closing = undefined;
    this.#onPopped?.();
    this.#onPopped = undefined;
    this.scroll = { top: this.#scrolls[entry.depth] ?? 0 };
  }
}
