import { certificatePower, type Certificate } from "../../../src/core/chain/certificate.ts";
import { blockId, type Header } from "../../../src/core/chain/header.ts";
import { isBlocking, isQuorum, totalPower } from "../../../src/core/chain/validator-set.ts";
import { VOTE_TYPE, voteMessage } from "../../../src/core/chain/vote.ts";
import type { BlsBackend } from "../../../src/core/crypto/bls-backend.ts";
import type { FullNodeEvent } from "../../../src/core/machines/full-node-events.ts";
import type { FullNodeDeps, FullNodeState } from "../../../src/core/machines/full-node-state.ts";
import { stepFullNode } from "../../../src/core/machines/full-node.ts";
import { nextHeight } from "../../../src/core/state/ledger-tip.ts";
import { isZeroHash } from "../../../src/core/values/hash.ts";
import type { NodeSimulationOptions } from "./node-simulation.ts";
import type { FullNodeMachine } from "./node-world.ts";

/** Breaks CO-5 and CO-6: a validator that forgets at once what it is locked on. */
export function withoutLocks(machine: FullNodeMachine): FullNodeMachine {
  return (deps, state, event) => {
    const [next, effects] = machine(deps, state, event);
    return [{ ...next, consensus: { ...next.consensus, locked: undefined } }, effects];
  };
}

/** Breaks CO-6 alone: prevotes of an earlier round release a lock even where it is newer than they are. */
function withoutLocksOnOldBlocks(machine: FullNodeMachine): FullNodeMachine {
  return (deps, state, event) => {
    const stepped = machine(deps, state, event);
    const { consensus } = state;
    if (consensus.locked === undefined || !refusesOldBlock(consensus.seat, stepped)) return stepped;
    const [next, effects] = machine(deps, { ...state, consensus: { ...consensus, locked: undefined } }, event);
    const locked = next.consensus.locked ?? consensus.locked;
    return [{ ...next, consensus: { ...next.consensus, locked } }, effects];
  };
}

/** In this step the seat prevotes nil where a block of an earlier round is proposed. */
function refusesOldBlock(seat: number | undefined, [{ consensus }, effects]: ReturnType<FullNodeMachine>): boolean {
  return effects.some((effect) => {
    if (effect.type !== "send-frame" || effect.frame.type !== "vote") return false;
    const { vote } = effect.frame;
    const isRefusal = vote.type === "prevote" && isZeroHash(vote.blockId) && vote.validator === seat;
    const [first] = consensus.rounds.get(vote.round)?.proposals ?? [];
    return isRefusal && vote.round === consensus.round && (first?.proposal.validRound ?? -1) >= 0;
  });
}

/** Breaks CO-14: a validator that writes nothing of what it is about to say. */
export function withoutLog(machine: FullNodeMachine): FullNodeMachine {
  return (deps, state, event) => {
    const [next, effects] = machine(deps, state, event);
    return [next, effects.filter((effect) => effect.type !== "write-log")];
  };
}

/** Breaks CO-3: a node that takes more than a third of the power for enough when it is shown a certificate. */
function withThinCertificates(machine: FullNodeMachine): FullNodeMachine {
  return (deps, state, event) => {
    const believed = new Set<Uint8Array>();
    const padded = padCertificates(event, (header, certificate) => {
      if (!isThin(deps, state, header, certificate)) return certificate;
      believed.add(certificate.signature);
      return { ...certificate, signers: certificate.signers.map(() => true) };
    });
    if (believed.size === 0) return machine(deps, state, event);
    const bls = believing(deps.ledger.bls, believed);
    return machine({ ...deps, ledger: { ...deps.ledger, bls } }, state, padded);
  };
}

/** What a bug changes of a simulation. */
type Planted = Pick<NodeSimulationOptions, "machine" | "forgetsSignatures">;

/** Bugs to plant in every correct node: what finds none of them would find nothing. */
export const PLANTED_BUGS = {
  "no-locks": { machine: withoutLocks(stepFullNode) },
  "no-locks-on-old-blocks": { machine: withoutLocksOnOldBlocks(stepFullNode) },
  "no-log": { machine: withoutLog(stepFullNode) },
  "thin-certificates": { machine: withThinCertificates(stepFullNode) },
  // Breaks CO-14 where a database comes back as an older copy: nothing else remembers what was signed.
  "no-signer-file": { forgetsSignatures: true },
} as const satisfies Record<string, Planted>;

export type PlantedBug = keyof typeof PLANTED_BUGS;

/** Truly signed, by more than a third and not more than two thirds. */
function isThin(deps: FullNodeDeps, state: FullNodeState, header: Header, certificate: Certificate): boolean {
  const { nextValidators: set, chain } = state.tip;
  if (header.height !== nextHeight(state.tip) || certificate.signers.length !== set.length) return false;
  const power = certificatePower(certificate, set);
  if (!isBlocking(power, totalPower(set)) || isQuorum(power, totalPower(set))) return false;
  const keys = set.filter((_, seat) => certificate.signers[seat] === true).map(({ blsKey }) => blsKey);
  const message = voteMessage(chain.chainId, VOTE_TYPE.precommit, header.height, certificate.round, blockId(header));
  return deps.ledger.bls.verifyAggregate(keys, message, certificate.signature);
}

function padCertificates(
  event: FullNodeEvent,
  pad: (header: Header, certificate: Certificate) => Certificate,
): FullNodeEvent {
  switch (event.type) {
    case "block-announced":
      return { ...event, certificate: pad(event.body.header, event.certificate) };
    case "blocks-fetched": {
      const blocks = event.blocks.map(({ block, certificate }) => {
        return { block, certificate: pad(block.header, certificate) };
      });
      return { ...event, blocks };
    }
    default:
      return event;
  }
}

/** The same signatures, and these whatever they are shown for. */
function believing(bls: BlsBackend, believed: ReadonlySet<Uint8Array>): BlsBackend {
  return {
    name: bls.name,
    publicKey: (seed) => bls.publicKey(seed),
    sign: (seed, message) => bls.sign(seed, message),
    verify: (key, message, signature) => bls.verify(key, message, signature),
    aggregate: (signatures) => bls.aggregate(signatures),
    verifyAggregate: (keys, message, signature) =>
      believed.has(signature) || bls.verifyAggregate(keys, message, signature),
    prove: (seed, message) => bls.prove(seed, message),
    verifyPossession: (key, message, proof) => bls.verifyPossession(key, message, proof),
    isPublicKey: (key) => bls.isPublicKey(key),
  };
}
