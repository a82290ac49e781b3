import { describe, expect, it } from "vitest";
import {
  FRAGMENT_LENGTH_MAX,
  NEWEST_PAYMENT,
  Router,
  type RouterWindow,
} from "../../../src/app/state/router.svelte.ts";
import { packetPath } from "../../../src/app/state/routes.ts";

/** A history as browsers keep it: entries, a place among them, and answers that come later. */
function fakeWindow(path: string, state: unknown = null) {
  const entries = [{ path, state }];
  let place = 0;
  let onPop: (() => void) | undefined;
  const location = {
    origin: "https://wallet.example",
    get pathname() {
      return entries[place]!.path.replace(/[?#].*$/, "");
    },
    get hash() {
      return /#.*$/.exec(entries[place]!.path)?.[0] ?? "";
    },
    search: "?lang=en",
  };
  const history = {
    get state() {
      return entries[place]!.state;
    },
    scrollRestoration: "auto",
    pushState: (next: unknown, _title: string, url: string) =>
      entries.splice(++place, Infinity, { path: own(url), state: next }),
    replaceState: (next: unknown, _title: string, url: string) => (entries[place] = { path: own(url), state: next }),
    back: () => history.step(-1),
    forward: () => history.step(1),
    step: (by: number) => {
      setTimeout(() => {
        place += by;
        onPop?.();
      });
    },
  };
  const window = {
    location,
    history,
    scrollY: 0,
    addEventListener: (_: string, f: () => void) => (onPop = f),
  };
  /** Somebody puts another fragment behind the address of this page. */
  const setFragment = (fragment: string) => {
    const path = location.pathname + fragment;
    entries.splice(++place, Infinity, { path, state: null });
    onPop?.();
  };
  const scrollTo = (top: number) => (window.scrollY = top);
  return { window: window as unknown as RouterWindow, entries, place: () => place, setFragment, scrollTo };
}

/** The path of an address of ours; browsers throw at any other. */
function own(url: string): string {
  const { origin, href } = new URL(url, "https://wallet.example/");
  if (origin !== "https://wallet.example") throw new DOMException("another origin", "SecurityError");
  return href.slice(origin.length);
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

it("walks the paths and back, and keeps the query", async () => {
  const { window, entries } = fakeWindow("/pay");
  const router = new Router(window);
  router.go("/pay/send");
  expect([router.route, entries.at(-1)?.path]).toEqual(["/pay/send", "/pay/send?lang=en"]);
  router.back();
  await settle();
  expect(router.route).toBe("/pay");
});

it("leads Back to Pay when the app was opened on a screen below it", () => {
  const router = new Router(fakeWindow("/pay/history").window);
  router.back();
  expect(router.route).toBe("/pay");
});

it.each([
  ["/explore/stake", "/explore"],
  ["/me/settings", "/me"],
  ["/restore", "/"],
  ["/pay/receive", "/pay"],
  ["/c", "/me"],
] as const)("leads Back from %s to %s when the app was opened there", (path, above) => {
  const router = new Router(fakeWindow(path).window);
  router.back();
  expect(router.route).toBe(above);
});

describe("a path that names something on this device", () => {
  const [FIRST, SECOND] = ["0a".repeat(16), "0b".repeat(16)] as const;

  it("is one screen for each name, and Back leads from one to the other", async () => {
    const { window, entries } = fakeWindow("/packets");
    const router = new Router(window);
    router.go(packetPath(FIRST));
    router.go(packetPath(SECOND));
    // It is there already.
    router.go(packetPath(SECOND));
    expect([router.route, router.local, router.tab, entries.length]).toEqual(["/packets/:local", SECOND, "packets", 3]);
    router.back();
    await settle();
    expect([router.route, router.local]).toEqual(["/packets/:local", FIRST]);
    router.back();
    await settle();
    expect([router.route, router.local]).toEqual(["/packets", undefined]);
  });

  it("is found again with its tab, and after a reload", () => {
    const { window } = fakeWindow(`/packets/${FIRST}/`);
    const router = new Router(window);
    expect([router.route, router.local, router.path]).toEqual(["/packets/:local", FIRST, `/packets/${FIRST}`]);
    router.openTab("me");
    router.openTab("packets");
    expect(router.local).toBe(FIRST);
    router.openTab("packets");
    expect(router.path).toBe("/packets");
  });

  it("leads to the list when the app was opened there, and nowhere with another name", () => {
    const router = new Router(fakeWindow(`/packets/${FIRST}`).window);
    router.back();
    expect(router.path).toBe("/packets");
    for (const name of [":local", "0A".repeat(16), "0a".repeat(15), `${FIRST}/x`, "made:4", ".."])
      expect([name, new Router(fakeWindow(`/packets/${name}`).window).route]).toEqual([name, undefined]);
    expect(new Router(fakeWindow("/packets/new").window).local).toBeUndefined();
  });
});

describe("an errand", () => {
  it("knows the screen that sent somebody on it, and no other", async () => {
    const router = new Router(fakeWindow("/pay").window);
    expect(router.before).toBeUndefined();
    router.go("/pay/send");
    router.go("/scan");
    expect(router.before).toBe("/pay/send");
    router.back();
    await settle();
    expect([router.route, router.before]).toEqual(["/pay/send", "/pay"]);
    router.openTab("me");
    router.go("/scan");
    expect(router.before).toBe("/me");
    // Nobody is sent by a tab, nor by a page before this one.
    router.openTab("explore");
    expect(router.before).toBeUndefined();
    const { window } = fakeWindow("/pay/send");
    new Router(window).go("/scan");
    expect(new Router(window).before).toBeUndefined();
  });

  it("is no place where a section is found again", async () => {
    const router = new Router(fakeWindow("/pay/history").window);
    router.openTab("explore");
    router.go("/scan");
    router.back();
    await settle();
    expect(router.route).toBe("/explore");
    router.openTab("pay");
    expect(router.route).toBe("/pay/history");
  });
});

describe("what stands behind # of a proof's address", () => {
  it("stays there, also over a reload and under a sheet, until nobody needs it any more", async () => {
    const { window, entries } = fakeWindow("/c#first");
    let router = new Router(window);
    router = new Router(window);
    expect([entries.at(-1)?.path, router.fragment]).toEqual(["/c?lang=en#first", "first"]);
    router.openSheet("checkpoint-entry");
    expect([entries.at(-1)?.path, router.fragment]).toEqual(["/c?lang=en", "first"]);
    await router.closeSheet();
    expect([entries[0]?.path, router.fragment]).toEqual(["/c?lang=en#first", "first"]);
    router.dropFragment();
    expect([entries[0]?.path, router.fragment]).toEqual(["/c?lang=en", ""]);
    expect(JSON.stringify(entries)).not.toContain("first");
  });

  it("is another one when somebody changes it in the same tab", () => {
    const { window, entries, setFragment } = fakeWindow("/c#first");
    const router = new Router(window);
    router.dropFragment();
    setFragment("#second");
    expect([router.route, router.fragment]).toEqual(["/c", "second"]);
    router.dropFragment();
    expect(JSON.stringify(entries)).not.toMatch(/first|second/);
  });

  it("goes from an entry before this one as soon as Back leads there", async () => {
    const { window, entries } = fakeWindow("/c#first");
    const router = new Router(window);
    router.openSheet("checkpoint-entry");
    router.dropFragment();
    await router.closeSheet();
    expect([router.route, router.fragment]).toEqual(["/c", ""]);
    expect(JSON.stringify(entries)).not.toContain("first");
  });

  it("is gone from the page when the person has gone elsewhere, and there again after Back", async () => {
    const { window } = fakeWindow("/c#first");
    const router = new Router(window);
    router.go("/me");
    expect([router.fragment, window.location.hash]).toEqual(["", ""]);
    router.back();
    await settle();
    expect([router.route, router.fragment]).toEqual(["/c", "first"]);
  });

  it("may come from elsewhere than a link, and never takes the place of one that came by it", () => {
    const { window, entries } = fakeWindow("/c");
    const router = new Router(window);
    router.keepFragment("scanned");
    expect([entries.at(-1)?.path, router.fragment]).toEqual(["/c?lang=en#scanned", "scanned"]);
    router.keepFragment("other");
    expect(new Router(window).fragment).toBe("scanned");
    router.dropFragment();
    expect(JSON.stringify(entries)).not.toMatch(/scanned|other/);
  });

  it("is left alone where it is the skip link's, or where nobody is meant to read it", () => {
    const { window, setFragment } = fakeWindow("/c");
    const router = new Router(window);
    setFragment("#content");
    expect(router.fragment).toBe("");
    expect(new Router(fakeWindow("/pay#secret").window).fragment).toBe("");
  });

  it("is read to its limit", () => {
    const text = "x".repeat(FRAGMENT_LENGTH_MAX);
    expect(new Router(fakeWindow(`/c#${text}`).window).fragment).toBe(text);
    expect(new Router(fakeWindow(`/c#${text}y`).window).fragment).toBe(text);
  });
});

describe("tabs", () => {
  it("are left and come back with their screen, its payment and its place", () => {
    const { window, scrollTo } = fakeWindow("/pay");
    const router = new Router(window);
    router.go("/pay/send");
    router.replace("/pay/send", "ab12");
    scrollTo(700);
    router.openTab("explore");
    expect([router.route, router.tab, router.scroll.top]).toEqual(["/explore", "explore", 0]);
    scrollTo(90);
    router.openTab("pay");
    expect([router.route, router.payment, router.scroll.top]).toEqual(["/pay/send", "ab12", 700]);
    router.openTab("explore");
    expect([router.route, router.scroll.top]).toEqual(["/explore", 90]);
  });

  it("asked for once more go to their first screen, and there to the top, with the list beside it", () => {
    const { window, entries, scrollTo } = fakeWindow("/me/settings");
    const router = new Router(window);
    router.openTab("me");
    expect([router.route, entries.length]).toEqual(["/me", 2]);
    scrollTo(300);
    router.openTab("me");
    expect([router.route, entries.length, router.scroll]).toEqual(["/me", 2, { top: 0, isWhole: true }]);
  });

  it("are entries of the history: Back leads to the tab before, an arrow on the screen to the screen above", async () => {
    const { window } = fakeWindow("/pay");
    const router = new Router(window);
    router.go("/pay/history");
    router.openTab("me");
    router.openTab("pay");
    expect(router.route).toBe("/pay/history");
    router.back();
    expect(router.route).toBe("/pay");
    window.history.back();
    await settle();
    expect(router.route).toBe("/me");
    window.history.back();
    await settle();
    expect(router.route).toBe("/pay/history");
    router.back();
    await settle();
    expect([router.route, router.entry.depth]).toEqual(["/pay", 0]);
  });

  it("have nothing of a wallet that was erased", () => {
    const { window } = fakeWindow("/pay/send");
    const router = new Router(window);
    router.replace("/pay/send", "ab12");
    router.openTab("me");
    router.forget();
    router.openTab("pay");
    expect([router.route, router.payment]).toEqual(["/pay", undefined]);
  });
});

it("knows the place of each entry, also after Forward, and lets a sheet change none", async () => {
  const { window, scrollTo } = fakeWindow("/pay");
  const router = new Router(window);
  scrollTo(120);
  router.openSheet("payment", "ab");
  await router.closeSheet();
  expect(router.scroll.top).toBe(120);
  router.go("/pay/history");
  scrollTo(2_000);
  router.back();
  await settle();
  expect(router.scroll.top).toBe(120);
  scrollTo(120);
  window.history.forward();
  await settle();
  expect([router.route, router.scroll.top]).toEqual(["/pay/history", 2_000]);
});

it("opens one payment after another in the same place, and nothing where it is already", () => {
  const { window, entries } = fakeWindow("/pay");
  const router = new Router(window);
  router.openSheet("payment", "ab");
  router.openSheet("payment", "cd");
  expect([entries.length, router.payment]).toEqual([2, "cd"]);
  router.openSheet("proof", "cd");
  expect(entries.length).toBe(3);
  router.go("/pay/send");
  router.go("/pay/send");
  expect(entries.length).toBe(4);
});

it.each([
  ["/send", "/pay/send"],
  ["/receive", "/pay/receive"],
  ["/history", "/pay/history"],
  ["/explore/", "/explore"],
] as const)("opens the screen that %s was, and writes %s into the address", async (old, route) => {
  const { window, entries } = fakeWindow(old, { depth: 2 });
  const router = new Router(window);
  expect([router.route, router.entry.depth]).toEqual([route, 2]);
  expect(entries.map(({ path }) => path)).toEqual([`${route}?lang=en`]);
  // An entry that the version before left in the history of this tab.
  window.history.replaceState({ depth: 2 }, "", old);
  router.go("/me");
  router.back();
  await settle();
  expect([router.route, entries[0]?.path]).toEqual([route, `${route}?lang=en`]);
});

it.each([
  "/nowhere",
  "//",
  "//stranger.example",
  "/pay//send",
  "/PAY",
  "/pay/send/more",
  "/pay%2Fsend",
  "/constructor",
  "/__proto__",
  `/${"x".repeat(5_000)}`,
])("leads nowhere from %.40s, and stays where it is", (path) => {
  const { window, entries } = fakeWindow(path);
  expect(new Router(window).route).toBeUndefined();
  expect(entries.map((entry) => entry.path)).toEqual([`${path}?lang=en`]);
});

it.each([
  "text",
  7,
  [],
  { depth: "9" },
  { depth: -1 },
  { depth: 0.5 },
  { depth: Infinity },
  { depth: 10_001 },
  { depth: 0, inner: 1 },
  { inner: 3 },
  { depth: null, sheet: 7, payment: {} },
])("believes an entry nothing that the app does not write: %j", async (state) => {
  const { window } = fakeWindow("/me", state);
  const router = new Router(window);
  expect(router.entry).toEqual({ depth: 0, inner: 0 });
  router.go("/pay");
  window.history.replaceState(state, "", "/pay");
  router.go("/explore");
  router.back();
  await settle();
  expect([router.route, router.entry]).toEqual(["/pay", { depth: 0, inner: 0 }]);
});

it("counts entries as deep as a person makes them", () => {
  expect(new Router(fakeWindow("/me", { depth: 10_000 }).window).entry.depth).toBe(10_000);
});

it("opens a sheet over the screen that it was asked for on, and over no other", () => {
  const { window } = fakeWindow("/pay/send");
  const router = new Router(window);
  const { entry } = router;
  router.openSheet("review", undefined, entry);
  expect(router.entry).toMatchObject({ depth: 1, sheet: "review" });
  router.openSheet("review", undefined, entry);
  expect(router.entry.depth).toBe(1);
  router.go("/me");
  router.openSheet("review", undefined, entry);
  expect(router.entry.sheet).toBeUndefined();
});

it("leaves a sheet by Back, once, however often it is asked", async () => {
  const { window, place } = fakeWindow("/pay");
  const router = new Router(window);
  router.go("/pay/send");
  router.openSheet("review");
  expect([router.entry.sheet, place()]).toEqual(["review", 2]);
  await Promise.all([router.closeSheet(), router.closeSheet()]);
  await settle();
  expect([router.entry.sheet, router.route, place()]).toEqual([undefined, "/pay/send", 1]);
});

it("keeps the payment on view over a reload, and no sheet", () => {
  const { window, entries } = fakeWindow("/pay/send", { depth: 3, sheet: "review", payment: "ab" });
  const router = new Router(window);
  expect([router.entry.depth, router.entry.sheet, router.payment]).toEqual([3, undefined, NEWEST_PAYMENT]);
  expect(JSON.stringify(entries)).not.toContain('"ab"');
});

it("tells the browser's history of no payment, since no erase reaches it", async () => {
  const { window, entries } = fakeWindow("/pay");
  const router = new Router(window);
  router.openSheet("payment", "f0f0");
  expect([router.entry.sheet, router.payment]).toEqual(["payment", "f0f0"]);
  await router.closeSheet();
  expect(router.payment).toBeUndefined();
  router.go("/pay/send");
  router.replace("/pay/send", "ab12");
  expect(router.payment).toBe("ab12");
  expect(JSON.stringify(entries)).not.toMatch(/f0f0|ab12/);
});

it("takes what an entry of an earlier page stood for as nothing", async () => {
  const { window } = fakeWindow("/pay/send");
  const router = new Router(window);
  router.replace("/pay/send", "ab12");
  const { payment } = router.entry;
  const earlier = `1${payment}`;
  window.history.replaceState({ depth: 0, payment: earlier }, "", "/pay/send");
  router.go("/pay");
  router.replace("/pay/send", "cd34");
  router.back();
  await settle();
  expect([router.route, router.payment]).toEqual(["/pay/send", undefined]);
});
