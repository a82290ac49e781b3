import { equalBytes } from "../bytes/compare-bytes.ts";
import type { NetworkConfig } from "../sync/network-config.ts";
import type { StoredRecord } from "../wallet/stored-record.ts";
import { startRestore } from "../wallet/restore-state.ts";
import { EMPTY_WALLET } from "../wallet/wallet-state.ts";
import type { RestoreWanted } from "./light-client-event.ts";
import { rememberedConfig, rememberListed } from "./light-client-learnt.ts";
import { resetNodes } from "./light-client-nodes.ts";
import { hasNewerRecord, restoreDurable } from "./light-client-records.ts";
import { changeTrust } from "./light-client-questions.ts";
import { applyStatedFee, FETCH_AGAIN_MS, placeAnchor } from "./light-client-trust.ts";
import { update, type Draft } from "./light-client-state.ts";

/** Goes on from the records of the last run, or halts over a damaged one without touching it. */
export function start(draft: Draft, records: readonly StoredRecord[]): void {
  const restored = restoreDurable(records);
  if (!restored.ok) {
    const key = restored.key ?? "";
    update(draft, { phase: "halted" });
    draft.effects.push({ type: "storage-unreadable", key, isNewer: hasNewerRecord(records) });
    return;
  }
  const { wallet, chain } = restored.value;
  draft.stored = restored.value;
  update(draft, { phase: "running", durable: restored.value, wallet, chain });
  // LC-3: what was found once does not go away by starting again.
  if (restored.value.fork !== undefined) {
    update(draft, { phase: "halted", problem: "fork" });
    return;
  }
  changeTrust(draft, { stored: chain });
  draft.effects.push({ type: "fetch-network" });
}

/** The first time makes the wallet; its birthday is the checkpoint we know, or the first one we will. */
export function openWallet(draft: Draft, restore: RestoreWanted | undefined): void {
  if (draft.state.wallet !== undefined) return;
  // Whoever has typed the words has seen them.
  const wordsSeen = restore?.isTyped === true;
  const restored = restore && { restore: startRestore(restore.birthdayMs), wordsSeen, isRestored: true };
  const wallet = { ...EMPTY_WALLET, ...restored };
  update(draft, { wallet, durable: { ...draft.state.durable, wallet } });
}

/** `/network.json` was read. */
export function configure(draft: Draft, file: NetworkConfig): void {
  const { anchor, wallet } = draft.state.durable;
  const isOther =
    anchor !== undefined && (anchor.chainId !== file.chainId || !equalBytes(anchor.genesisHash, file.genesisHash));
  // Another chain under the old address: the coins of this wallet are not there, and nothing may mix them up.
  if (isOther && wallet !== undefined) {
    update(draft, { problem: "wrong_network", fetchAtMs: draft.nowMs + FETCH_AGAIN_MS });
    return;
  }
  use(draft, rememberListed(draft, file));
}

/** `/network.json` could not be had: what this device has seen of its network before will do (NW-17). */
export function configureWithout(draft: Draft): void {
  const remembered = draft.state.config === undefined ? rememberedConfig(draft) : undefined;
  if (remembered !== undefined) {
    draft.effects.push({ type: "use-network", config: remembered });
    use(draft, remembered);
  } else if (draft.state.config === undefined) update(draft, { problem: "no_network_file" });
  update(draft, { fetchAtMs: draft.nowMs + FETCH_AGAIN_MS });
}

function use(draft: Draft, config: NetworkConfig): void {
  const { config: before } = draft.state;
  const isSameList = before !== undefined && JSON.stringify(before.nodes) === JSON.stringify(config.nodes);
  // Connections stay where the list is the same.
  if (!isSameList) resetNodes(draft, config.nodes.length);
  update(draft, { config, problem: undefined, fetchAtMs: undefined });
  placeAnchor(draft);
  applyStatedFee(draft);
}
