import type { Block } from "../../src/core/chain/block.ts";
import type { ConsensusFrame } from "../../src/core/chain/consensus-frames.ts";
import { blockId } from "../../src/core/chain/header.ts";
import type { Transaction } from "../../src/core/chain/transaction.ts";
import { proposalMessage } from "../../src/core/chain/vote.ts";
import { blockBody } from "../../src/core/machines/block-assembly.ts";
import type { FullNodeEffect, FullNodeEvent } from "../../src/core/machines/full-node-events.ts";
import { createFullNodeState, type FullNodeDeps, type FullNodeState } from "../../src/core/machines/full-node-state.ts";
import { stepFullNode } from "../../src/core/machines/full-node.ts";
import { encodeUtf8 } from "../../src/core/bytes/utf8.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import { height, timeMs, type TimeMs } from "../../src/core/values/height.ts";
import type { RuleNumber } from "../../src/core/values/rule-number.ts";
import { LedgerBuilder } from "./ledger-builder.ts";
import { MemoryLedger } from "./memory-ledger.ts";

/**
 * A node at the beginning of a builder's chain, with a ledger of its own. It only watches, or it is the validator that
 * proposes in the first round.
 */
export class WatchedNode {
  readonly builder = new LedgerBuilder({ label: "full node" });
  readonly ledger = new MemoryLedger();
  readonly deps: FullNodeDeps;
  state: FullNodeState;
  now: TimeMs;

  /** `stem` names what its choices of NW-4 are drawn from. */
  constructor(options: { readonly isProposer?: boolean; readonly stem?: string } = {}) {
    const { tip, deps, ledger } = this.builder;
    const { chainId, params } = tip.chain;
    this.ledger.apply(ledger);
    const publicKey = tip.nextValidators[this.builder.draft([]).proposer]!.blsKey;
    const sign = (message: Uint8Array): Uint8Array => deps.bls.sign(this.builder.seedOf(publicKey), message);
    const signer = options.isProposer === true ? { publicKey, sign } : undefined;
    this.deps = {
      ledger: deps,
      reader: this.ledger,
      consensus: { bls: deps.bls, params, chainId, signer },
      stemSecret: hash32("test/stem", encodeUtf8(options.stem ?? "")),
      unjails: true,
    };
    this.state = createFullNodeState(
      tip,
      undefined,
      {
        height: height(0),
        blockId: tip.blockId,
        time: tip.header.time,
      },
      this.builder.seatHistory,
    );
    this.now = timeMs(tip.header.time + 1);
    this.post({ type: "started", now: this.now, log: [] });
  }

  post(event: FullNodeEvent): readonly FullNodeEffect[] {
    const [state, effects] = stepFullNode(this.deps, this.state, event);
    this.state = state;
    // Writes are stored before the next step.
    for (const { commit } of ofType(effects, "commit-block")) this.ledger.apply(commit.changes);
    return effects;
  }

  /** Answers what `verify-claims` among effects ask: all hold, unless a rule is named. All effects are given back. */
  judge(effects: readonly FullNodeEffect[], rule?: RuleNumber): readonly FullNodeEffect[] {
    const further = ofType(effects, "verify-claims").flatMap(({ job }) => {
      return this.post({ type: "claims-verified", now: this.now, job, rule });
    });
    return [...effects, ...further];
  }

  hand(transaction: Transaction, reply = 1): readonly FullNodeEffect[] {
    return this.post({ type: "transaction-received", now: this.now, transaction, reply, source: "client" });
  }

  gossip(transaction: Transaction, reply = 1): readonly FullNodeEffect[] {
    return this.post({ type: "transaction-received", now: this.now, transaction, reply, source: "gossip" });
  }

  /** A frame of protocol `vote`. */
  frame(frame: ConsensusFrame, peer = "stranger"): readonly FullNodeEffect[] {
    return this.post({ type: "consensus-frame-received", now: this.now, peer, frame });
  }

  /** A proposal of its own round, signed by whoever proposes in it or by nobody; `shortIds` in place of the true ones. */
  propose(
    block: Block,
    options: { readonly isSigned: boolean; readonly shortIds?: readonly Uint8Array[] },
    peer = "friend",
  ): readonly FullNodeEffect[] {
    const { height: at, round, proposer: seat } = block.header;
    const { tip, deps } = this.builder;
    const message = proposalMessage(tip.chain.chainId, at, round, -1, blockId(block.header));
    const signature = options.isSigned
      ? deps.bls.sign(this.builder.seedOf(tip.nextValidators[seat]!.blsKey), message)
      : new Uint8Array(96);
    const body = { ...blockBody(block), ...(options.shortIds === undefined ? {} : { shortIds: options.shortIds }) };
    const proposal = { height: at, round, validRound: -1, signature, body };
    return this.frame({ type: "proposal", proposal }, peer);
  }
}

export function ofType<T extends FullNodeEffect["type"]>(
  effects: readonly FullNodeEffect[],
  type: T,
): Extract<FullNodeEffect, { type: T }>[] {
  return effects.filter((effect): effect is Extract<FullNodeEffect, { type: T }> => effect.type === type);
}
