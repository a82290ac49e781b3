/** The sections between which the bar and the rail change. */
export type Tab = "pay" | "packets" | "explore" | "me";

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
  "/packets": { tab: "packets" },
  "/packets/new": { tab: "packets", above: "/packets", isTask: true },
  "/packets/:local": { tab: "packets", above: "/packets", isTask: true },
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

/** Every kind of path that leads somewhere. */
export type Route = keyof typeof PLACES;

/** Routes with a part that stands for something on this device, and means nothing elsewhere. */
type LocalRoute = Extract<Route, `${string}:local`>;
export type PlainRoute = Exclude<Route, LocalRoute>;

/** A packet of this wallet's, by its id. */
type PacketPath = `/packets/${string}`;

/** A path as the app writes it. */
export type Path = PlainRoute | PacketPath;

const LOCAL_ROUTE = "/packets/:local" satisfies LocalRoute;
const LOCAL_PATH = /^\/packets\/([0-9a-f]{32})$/;

/** Paths of earlier versions, in bookmarks and in shortcuts of installed apps. */
const MOVED: ReadonlyMap<string, PlainRoute> = new Map([
  ["/send", "/pay/send"],
  ["/receive", "/pay/receive"],
  ["/history", "/pay/history"],
]);

export const ROUTES = Object.keys(PLACES) as readonly Route[];

const isPlain = (path: string): path is PlainRoute => path !== LOCAL_ROUTE && Object.hasOwn(PLACES, path);

/** The path as the app writes it, of one as browsers give it, whoever wrote that; undefined when it leads nowhere. */
export function pathOf(path: string): Path | undefined {
  const plain = path.replace(/(?<=[^/])\/$/, "");
  const moved = MOVED.get(plain);
  if (moved !== undefined) return moved;
  return isPlain(plain) || LOCAL_PATH.test(plain) ? (plain as Path) : undefined;
}

/** The route of such a path. */
export function routeOf(path: string): Route | undefined {
  const known = pathOf(path);
  return known === undefined || isPlain(known) ? known : LOCAL_ROUTE;
}

/** What the path names on this device. */
export function localOf(path: string): string | undefined {
  return LOCAL_PATH.exec(path)?.[1];
}

export function packetPath(id: string): PacketPath {
  return `/packets/${id}`;
}

/** What is known of a route. */
export function placeOf(route: Route): Place & { readonly above?: PlainRoute } {
  return PLACES[route];
}
