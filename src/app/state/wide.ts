import { MediaQuery } from "svelte/reactivity";

/** Room for a rail and two panes: 900 px at letters of 16 px. styles/layout.css says the same. */
export function wideScreen(): MediaQuery {
  return new MediaQuery("min-width: 56.25em");
}
