import { decodeCertificate, encodeCertificate } from "../../../src/core/chain/certificate.ts";
import { hash32 } from "../../../src/core/crypto/tagged-hash.ts";
import type { FullNodeEffect, FullNodeEvent } from "../../../src/core/machines/full-node-events.ts";
import type { FullNodeState } from "../../../src/core/machines/full-node-state.ts";
import type { BlockCommit } from "../../../src/core/ports/full-node-store.ts";
import { decodeLedgerTip, encodeLedgerTip } from "../../../src/core/state/ledger-tip.ts";
import { isZeroHash, ZERO_HASH } from "../../../src/core/values/hash.ts";
import type { FaultKind } from "./chain-checks.ts";
import type { FullNodeMachine } from "./node-world.ts";

/** From here on a planted fault does its work: before it everybody is well. */
const FROM_HEIGHT = 2;

type Fault = (machine: FullNodeMachine) => FullNodeMachine;

const onEffects =
  (change: (effects: readonly FullNodeEffect[], before: FullNodeState) => readonly FullNodeEffect[]): Fault =>
  (machine) =>
  (deps, state, event) => {
    const [next, effects] = machine(deps, state, event);
    return [next, state.tip.header.height < FROM_HEIGHT ? effects : change(effects, state)];
  };

const onCommits = (change: (commit: BlockCommit) => BlockCommit): Fault =>
  onEffects((effects) => {
    return effects.map((effect) => {
      return effect.type === "commit-block" ? { ...effect, commit: change(effect.commit) } : effect;
    });
  });

const deafTo =
  (isLost: (event: FullNodeEvent, state: FullNodeState) => boolean): Fault =>
  (machine) =>
  (deps, state, event) =>
    isLost(event, state) ? [state, []] : machine(deps, state, event);

/** A tip that says one coin more was made than there is. */
function mintMore(commit: BlockCommit): BlockCommit {
  const tip = decodeLedgerTip(commit.tip);
  const header = { ...tip.header, minted: tip.header.minted + 1n };
  return { ...commit, tip: encodeLedgerTip({ ...tip, header }) };
}

/** A database that forgets an output which the block made. */
function loseOutput(commit: BlockCommit): BlockCommit {
  const leaves = new Map(commit.changes.leaves);
  const [lost] = [...leaves].find(([, record]) => record !== undefined) ?? [];
  if (lost !== undefined) leaves.delete(lost);
  return { ...commit, changes: { ...commit.changes, leaves } };
}

function keepOneSigner(commit: BlockCommit): BlockCommit {
  const certificate = decodeCertificate(commit.certificate);
  const signers = certificate.signers.map(() => false).with(0, true);
  return { ...commit, certificate: encodeCertificate({ ...certificate, signers }) };
}

function dropPeer(effects: readonly FullNodeEffect[], { peers }: FullNodeState): readonly FullNodeEffect[] {
  const [peer] = peers.keys();
  return peer === undefined ? effects : [...effects, { type: "drop-peer", peer, reason: "planted" }];
}

/** Behind each prevote of its own for a block it says nil as well: no signature is needed to be seen. */
function prevoteTwice(effects: readonly FullNodeEffect[], { consensus }: FullNodeState): readonly FullNodeEffect[] {
  return effects.flatMap((effect) => {
    if (effect.type !== "send-frame" || effect.frame.type !== "vote") return [effect];
    const { vote } = effect.frame;
    if (vote.type !== "prevote" || vote.validator !== consensus.seat || isZeroHash(vote.blockId)) return [effect];
    return [effect, { ...effect, frame: { ...effect.frame, vote: { ...vote, blockId: ZERO_HASH } } }];
  });
}

/** One fault for each thing that a run is watched for besides locks, and whether all nodes have it or one. */
export const PLANTED_FAULTS = {
  agreement: { isOfAll: false, fault: onCommits((commit) => ({ ...commit, blockId: hash32("test/planted") })) },
  certificate: { isOfAll: true, fault: onCommits(keepOneSigner) },
  "double-sign": { isOfAll: false, fault: onEffects(prevoteTwice) },
  "state-root": { isOfAll: true, fault: onCommits(loseOutput) },
  supply: { isOfAll: true, fault: onCommits(mintMore) },
  accusation: { isOfAll: true, fault: onEffects(dropPeer) },
  exception: {
    isOfAll: false,
    fault: onEffects(() => {
      throw new Error("planted");
    }),
  },
  liveness: {
    isOfAll: false,
    fault: deafTo((event, { tip }) => event.type !== "started" && tip.header.height >= FROM_HEIGHT),
  },
  payment: { isOfAll: true, fault: deafTo((event) => event.type === "transaction-received") },
} as const satisfies Partial<Record<FaultKind, { readonly isOfAll: boolean; readonly fault: Fault }>>;
