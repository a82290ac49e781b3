import { placeOf, type Route, routeOf } from "./routes.ts";

const SKIP_LINK = "#content";
/** More entries than any person makes; what an entry of a stranger says beyond it is not believed. */
const DEPTH_MAX = 10_000;

/** The payment on view when the page was loaded again: its id was not kept, and nothing newer was sent since. */
export const NEWEST_PAYMENT = "newest";

/** What an entry of the browser's history carries besides its path. No erase reaches it, so it names no payment. */
interface Entry {
  /** Entries of ours before this one: above 0 Back stays inside the app. */
  readonly depth: number;
  /** The sheet that lies over the screen. */
  readonly sheet?: string;
  /** Stands for the payment that the screen or the sheet is about; means nothing outside this page. */
  readonly payment?: string;
}

/** The part of a window that the router needs. */
export type RouterWindow = Pick<Window, "history" | "location" | "addEventListener" | "scrollTo" | "scrollY">;

/** What an entry says, whoever wrote it: a version of before, or somebody at the console. */
function readEntry(state: unknown): Entry {
  if (typeof state !== "object" || state === null) return { depth: 0 };
  const { depth, sheet, payment } = state as Readonly<Record<string, unknown>>;
  const isDepth = Number.isInteger(depth) && Number(depth) >= 0 && Number(depth) <= DEPTH_MAX;
  return {
    depth: isDepth ? Number(depth) : 0,
    ...(typeof sheet === "string" ? { sheet } : {}),
    ...(typeof payment === "string" ? { payment } : {}),
  };
}

/** Paths, Back, sheets as history entries, and the scroll place of each entry. */
export class Router {
  route = $state.raw<Route | undefined>();
  entry = $state.raw<Entry>({ depth: 0 });
  /** What stood behind `#` of the address. It may be a secret, so the address shows it no longer. */
  fragment = $state.raw("");
  /** True once the person has gone anywhere; before that the browser itself places the focus. */
  isMoved = false;
  readonly #window: RouterWindow;
  readonly #scrolls: number[] = [];
  /** Ids of payments by what stands for them in entries. */
  readonly #payments: Record<string, string> = {};
  #paymentCount = 0;
  #closing: Promise<void> | undefined;
  #onPopped: (() => void) | undefined;

  constructor(window: RouterWindow) {
    this.#window = window;
    const stored = readEntry(window.history.state);
    // A sheet does not outlive a reload: what it was about is gone.
    const kept = stored.payment === undefined ? undefined : NEWEST_PAYMENT;
    this.#takeFragment();
    this.#write("replaceState", this.#path(), { depth: stored.depth, ...this.#about(kept) });
    window.history.scrollRestoration = "manual";
    window.addEventListener("popstate", () => this.#pop());
  }

  /** The id of the payment that the entry is about, or NEWEST_PAYMENT. */
  get payment(): string | undefined {
    return this.entry.payment === undefined ? undefined : this.#payments[this.entry.payment];
  }

  go(route: Route): void {
    this.isMoved = true;
    this.#scrolls[this.entry.depth] = this.#window.scrollY;
    this.#write("pushState", route, { depth: this.entry.depth + 1 });
    this.#window.scrollTo(0, 0);
  }

  replace(route: Route, payment?: string): void {
    this.isMoved = true;
    this.#write("replaceState", route, { depth: this.entry.depth, ...this.#about(payment) });
    this.#window.scrollTo(0, 0);
  }

  /** One step back inside the app, or to the screen above when the app was opened right here. */
  back(): void {
    if (this.entry.depth > 0) this.#window.history.back();
    else this.replace((this.route && placeOf(this.route).above) ?? "/pay");
  }

  /** For the screen it is meant for: nobody finds it a second time. */
  takeFragment(): string {
    const { fragment } = this;
    this.fragment = "";
    return fragment;
  }

  /** Opens it over the entry that it was asked for: whoever has gone elsewhere meanwhile finds no sheet there. */
  openSheet(sheet: string, payment?: string, over: Entry = this.entry): void {
    if (over !== this.entry) return;
    const entry = { depth: this.entry.depth + 1, sheet, ...this.#about(payment) };
    this.#write("pushState", this.#window.location.pathname, entry);
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

  #about(payment: string | undefined): Pick<Entry, "payment"> {
    if (payment === undefined) return {};
    // Entries of a page before this one must stand for nothing here.
    const name = `${performance.timeOrigin}/${this.#paymentCount++}`;
    this.#payments[name] = payment;
    return { payment: name };
  }

  #write(method: "pushState" | "replaceState", path: string, entry: Entry): void {
    const { origin, search } = this.#window.location;
    // Whole: a path that begins with two slashes would name another host. The query stays: it forces a language or a
    // backend for as long as the page lives.
    this.#window.history[method](entry, "", origin + path + search);
    this.#read(path, entry);
  }

  #read(path: string, entry: Entry): void {
    this.route = routeOf(path);
    this.entry = entry;
  }

  /** The path as the app writes it: where an old one has moved, the new one. */
  #path(): string {
    const { pathname } = this.#window.location;
    return routeOf(pathname) ?? pathname;
  }

  #takeFragment(): void {
    const { hash, pathname } = this.#window.location;
    const route = routeOf(pathname);
    const isMeant = route !== undefined && placeOf(route).hasFragment === true;
    if (isMeant && hash !== "" && hash !== SKIP_LINK) this.fragment = hash.slice(1);
  }

  #pop(): void {
    this.isMoved = true;
    this.#takeFragment();
    const wasSheet = this.entry.sheet !== undefined;
    const entry = readEntry(this.#window.history.state);
    const path = this.#path();
    if (this.fragment === "" && path === this.#window.location.pathname) this.#read(path, entry);
    else this.#write("replaceState", path, entry);
    this.#closing = undefined;
    this.#onPopped?.();
    this.#onPopped = undefined;
    if (wasSheet) return;
    const scroll = this.#scrolls[this.entry.depth] ?? 0;
    // After the screen is drawn; before that the page may be too short.
    setTimeout(() => this.#window.scrollTo(0, scroll));
  }
}
