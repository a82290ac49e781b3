import type { NetworkName } from "../values/network.ts";

/** What networks differ in besides the parameters of a genesis (0.4): no rule of consensus rests on it. */
export interface UnhashedParams {
  /** How long nodes keep a blob after it was put last (MS-13). */
  readonly blobTtlMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const UNHASHED_PARAMS: Readonly<Record<NetworkName, UnhashedParams>> = {
  main: { blobTtlMs: 7 * DAY_MS },
  test: { blobTtlMs: 2 * DAY_MS },
  dev: { blobTtlMs: 10 * MINUTE_MS },
};
