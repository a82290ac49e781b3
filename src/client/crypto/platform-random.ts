import type { Random } from "../../core/ports/random.ts";

/** The browser's generator. */
export const platformRandom: Random = {
  bytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
};
