import { amount, type Amount } from "../values/amount.ts";
import type { NetworkName } from "../values/network.ts";

const MICRO_PER_STG = 1_000_000n;
const stg = (count: bigint): Amount => amount(count * MICRO_PER_STG);

/**
 * From which balances on a wallet is asked to be kept better, in µSTG: by any way back, by a backup file, by the words.
 * Below the first nobody is asked for anything. For screens alone; no rule of the network hangs on it.
 */
export const SAFETY_THRESHOLDS: Readonly<Record<NetworkName, readonly [Amount, Amount, Amount]>> = {
  main: [stg(20n), stg(500n), stg(5_000n)],
  test: [stg(20n), stg(500n), stg(5_000n)],
  dev: [stg(20n), stg(5_000n), stg(50_000n)],
};
