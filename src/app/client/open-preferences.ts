import { Preferences, type PreferenceStore } from "../state/preferences.svelte.ts";

/** What somebody has chosen in this browser, kept where it lets us keep anything. */
export function openPreferences(): Preferences {
  return new Preferences(openStore());
}

/** Reading the property alone throws where the browser forbids storage. */
function openStore(): PreferenceStore {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
