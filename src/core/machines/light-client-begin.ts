import { stepWallet } from "../wallet/step-wallet.ts";
import type { TrustedChain } from "../sync/trusted-chain.ts";
import { rememberProven } from "./light-client-proven.ts";
import { boundaryOf } from "./light-client-scan.ts";
import { update, type Draft } from "./light-client-state.ts";

/** From here on we follow the chain: a new wallet has nothing below, one from words looks for its coins in the state there. */
export function beginChain(draft: Draft, chain: TrustedChain): void {
  const { wallet, durable } = draft.state;
  const { header, blockId, nextValidators } = chain;
  const trusted = { height: header.height, timeMs: header.time };
  const [found] = stepWallet(wallet!, { type: "chain-found", trusted, boundary: boundaryOf(header) });
  const root = durable.root ?? { header, blockId, nextValidators };
  update(draft, { chain, wallet: found, durable: { ...durable, chain, wallet: found, root }, data: undefined });
  rememberProven(draft, chain);
}
