import { stepWallet } from "../wallet/step-wallet.ts";
import type { TrustedChain } from "../sync/trusted-chain.ts";
import { rememberCertified, rememberProven } from "./light-client-proven.ts";
import { stopRun } from "./light-client-restore.ts";
import { boundaryOf } from "./light-client-scan.ts";
import { update, type Draft } from "./light-client-state.ts";

/** At a block that a checkpoint names. */
export function beginTrusted(draft: Draft, chain: TrustedChain): void {
  beginChain(draft, chain);
  rememberCertified(draft, chain);
}

/** At a block whose certificate we have checked. */
export function beginProven(draft: Draft, chain: TrustedChain): void {
  beginChain(draft, chain);
  rememberProven(draft, chain);
}

/**
 * From here on we follow the chain. A new wallet has nothing below; one from words, or one that has missed the blocks
 * since it was here last, looks for its coins in the state there.
 */
function beginChain(draft: Draft, chain: TrustedChain): void {
  const { wallet, durable } = draft.state;
  const { header, blockId, nextValidators } = chain;
  const trusted = { height: header.height, timeMs: header.time };
  const boundary = boundaryOf(header);
  const firstLeaf = durable.chain?.header.nextLeaf;
  const [found] =
    firstLeaf === undefined
      ? stepWallet(wallet!, { type: "chain-found", trusted, boundary })
      : stepWallet(wallet!, { type: "blocks-missed", trusted, boundary, firstLeaf });
  const root = durable.root ?? { header, blockId, nextValidators };
  update(draft, { chain, wallet: found, durable: { ...durable, chain, wallet: found, root }, data: undefined });
  update(draft, { sync: undefined });
  // What is under way was read from where the chain stood before: it says nothing of what came and went since.
  stopRun(draft);
}
