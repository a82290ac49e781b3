/** The sections between which the bar and the rail change. */
export type Tab = "pay" | "explore" | "me";

interface Place {
  /** None where it belongs to no section. */
  readonly tab?: Tab;
  /** The screen it belongs to: where Back leads when the app was opened right here. Without one it is the tab's own. */
  readonly above?: string;
  /** On phones it has the whole screen, without the bar. */
  readonly isTask?: true;
  /** Somebody comes for a moment and goes on elsewhere: no section is found here again. */
  readonly isErrand?: true;
  /** What there must be before it can be shown; a wallet, where nothing is said. */
  readonly needs?: "nothing" | "client";
  /** Its address may carry something behind `#`; elsewhere that is nobody's. */
  readonly hasFragment?: true;
  /** What stands behind `#` is what is on view: no secret of anybody, and every step of it stands in the address. */
  readonly keepsFragment?: true;
}

const PLACES = {
  "/": { tab: "pay" },
  "/pay": { tab: "pay" },
  "/pay/send": { tab: "pay", above: "/pay", isTask: true },
  "/pay/receive": { tab: "pay", above: "/pay", isTask: true },
  "/scan": { tab: "pay", above: "/pay", isTask: true, isErrand: true },
  "/pay/history": { tab: "pay", above: "/pay" },
  "/explore": { tab: "explore" },
  "/x": { tab: "explore", above: "/explore", needs: "client", hasFragment: true, keepsFragment: true },
  "/explore/stake": { tab: "explore", above: "/explore" },
  "/me": { tab: "me" },
  "/me/safety": { tab: "me", above: "/me" },
  "/me/settings": { tab: "me", above: "/me" },
  "/restore": { above: "/", needs: "client" },
  "/p": { tab: "pay", above: "/pay", isTask: true, needs: "client", hasFragment: true },
  "/c": { tab: "me", above: "/me", isTask: true, needs: "nothing", hasFragment: true },
} as const satisfies Readonly<Record<string, Place>>;

/** Every path that leads somewhere. */
export type Route = keyof typeof PLACES;

/** Paths of earlier versions, in bookmarks and in shortcuts of installed apps. */
const MOVED: ReadonlyMap<string, Route> = new Map([
  ["/send", "/pay/send"],
  ["/receive", "/pay/receive"],
  ["/history", "/pay/history"],
]);

export const ROUTES = Object.keys(PLACES) as readonly Route[];

/** The route of a path as browsers give it, whoever wrote it; undefined when it leads nowhere. */
export function routeOf(path: string): Route | undefined {
  const plain = path.replace(/(?<=[^/])\/$/, "");
  return MOVED.get(plain) ?? ROUTES.find((route) => route === plain);
}

/** What is known of a route. */
export function placeOf(route: Route): Place & { readonly above?: Route } {
  return PLACES[route];
}
