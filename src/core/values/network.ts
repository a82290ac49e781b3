/** The three kinds of network (protocol 0.3). A dev network may use any chain id from 1000. */
export type NetworkName = "main" | "test" | "dev";

export const CHAIN_ID_MAIN = 1;
export const CHAIN_ID_TEST = 2;
export const CHAIN_ID_DEV_MIN = 1000;

/** Kind of network of a chain id; undefined for ids that belong to no network: 0 and 3 … 999. */
export function networkOfChainId(chainId: number): NetworkName | undefined {
  if (chainId === CHAIN_ID_MAIN) return "main";
  if (chainId === CHAIN_ID_TEST) return "test";
  return chainId >= CHAIN_ID_DEV_MIN ? "dev" : undefined;
}

/** Prefix of addresses, so that a payment cannot go to another network (AD-3). */
export const ADDRESS_PREFIX: Readonly<Record<NetworkName, string>> = { main: "stg", test: "tstg", dev: "dstg" };
