import type { Note } from "./note.ts";
import type { CoinOrigin } from "./output-secrets.ts";

/** A note before anybody has said where on the chain it stands. */
export type OpenedNote = Omit<Note, "leaf" | "height" | "timeMs">;

/** How the view tag was explained: which secret, and n under it. */
export interface OpeningGuess {
  readonly origin: CoinOrigin;
  readonly n: number;
  /** ss or s_vb. */
  readonly secret: Uint8Array;
}
