import type { Component } from "svelte";
import type { Route } from "../state/routes.ts";

/** A part of the app that arrives when it is asked for. */
export type PartLoader = () => Promise<{ readonly default: Component }>;

/** The screen of every route, each a file of its own for the browser, and `start`: what a device without a wallet sees. */
export const SCREENS: Readonly<Record<Route | "start", PartLoader>> = {
  start: () => import("./StartScreen.svelte"),
  "/": () => import("./PayScreen.svelte"),
  "/pay": () => import("./PayScreen.svelte"),
  "/pay/send": () => import("./SendScreen.svelte"),
  "/pay/receive": () => import("./ReceiveScreen.svelte"),
  "/scan": () => import("./ScanScreen.svelte"),
  "/pay/history": () => import("./HistoryScreen.svelte"),
  "/packets": () => import("./PacketsScreen.svelte"),
  "/packets/new": () => import("./NewPacketScreen.svelte"),
  "/packets/:local": () => import("./PacketScreen.svelte"),
  "/explore": () => import("./ExploreScreen.svelte"),
  "/x": () => import("./LookScreen.svelte"),
  "/explore/stake": () => import("./StakeScreen.svelte"),
  "/me": () => import("./MeScreen.svelte"),
  "/me/safety": () => import("./SafetyScreen.svelte"),
  "/me/settings": () => import("./SettingsScreen.svelte"),
  "/restore": () => import("./RestoreScreen.svelte"),
  "/p": () => import("./RequestScreen.svelte"),
  "/c": () => import("./CheckScreen.svelte"),
};

export type ScreenName = keyof typeof SCREENS;

/** Screens that came along with the page. */
export type ReadyScreens = Readonly<Partial<Record<ScreenName, Component>>>;

/** One tap away from Pay: fetched as soon as there is time, so that the tap finds them also when the network is gone. */
const NEAR: readonly ScreenName[] = ["/pay/send", "/pay/receive", "/pay/history", "/packets", "/explore", "/me"];

/** How long a page that has just been drawn is left alone. */
const QUIET_MS = 500;

/** Fetches a screen that will be wanted; what does not arrive is asked for again when it is. */
export function fetchScreen(name: ScreenName): void {
  SCREENS[name]().catch(() => undefined);
}

/** Fetches the near screens in a while; returns how to give that up. */
export function fetchNearScreens(): () => void {
  const timer = setTimeout(() => {
    for (const name of NEAR) fetchScreen(name);
  }, QUIET_MS);
  return () => clearTimeout(timer);
}
