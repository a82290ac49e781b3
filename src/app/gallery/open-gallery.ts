import { mount } from "svelte";
import type { AppState } from "../state/app-state.svelte.ts";
import GalleryPage from "./GalleryPage.svelte";

/** Shows every component in every state, over an app without a client: nothing here touches a wallet. */
export function openGallery(app: AppState, target: Element): void {
  mount(GalleryPage, { target, props: { app } });
}
