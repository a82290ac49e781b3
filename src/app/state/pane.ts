import { createContext } from "svelte";

/** What a screen knows of the place where it stands. */
export interface Pane {
  /** Another screen beside it is the one that the address names. */
  readonly isAside: boolean;
}

export const [getPane, setPane] = createContext<Pane>();
