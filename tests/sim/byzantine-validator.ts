import { concatBytes } from "../../src/core/bytes/concat-bytes.ts";
import { formatHex } from "../../src/core/bytes/hex.ts";
import { blockId } from "../../src/core/chain/header.ts";
import type { ConsensusMessage } from "../../src/core/consensus/consensus-events.ts";
import { hash32 } from "../../src/core/crypto/tagged-hash.ts";
import { hash, isZeroHash, ZERO_HASH } from "../../src/core/values/hash.ts";
import { signProposal, signVote } from "../support/consensus-chain.ts";
import type { SeededNumbers } from "../support/seeded-numbers.ts";
import { INVALID_MARK, SimulatedValidator, WITHHELD_MARK } from "./simulated-validator.ts";

/** What a cheating validator does. */
export type Behaviour =
  | "silent"
  /** Tells half of the others one thing and half another, votes and proposals alike. */
  | "equivocating"
  /** Says everything seconds later than it should. */
  | "late"
  /** Proposes under wrong valid rounds and old headers as new. */
  | "wrong-vr"
  /** Proposes blocks that break a rule or whose body never comes. */
  | "bad-blocks"
  /** Sends votes under other seats' names and votes of rounds far away. */
  | "forging";

/** Runs the honest machine and twists what leaves it. */
export class ByzantineValidator extends SimulatedValidator {
  behaviour: Behaviour = "silent";
  chance!: SeededNumbers;

  get #seed(): Uint8Array {
    return this.world.validators.seeds[this.seat]!;
  }

  protected override sendMessage(to: number, message: ConsensusMessage): void {
    switch (this.behaviour) {
      case "silent":
        return;
      case "late":
        this.after(this.chance.between(500, 6_000), () => super.sendMessage(to, message));
        return;
      case "equivocating":
        super.sendMessage(to, to % 2 === 0 ? message : this.#other(message));
        return;
      case "wrong-vr":
        super.sendMessage(to, message.type === "proposal" ? this.#wrongRound(message) : message);
        return;
      case "bad-blocks":
        super.sendMessage(to, message.type === "proposal" ? this.#marked(message) : message);
        return;
      case "forging":
        super.sendMessage(to, message);
        if (message.type === "vote") this.#forge(to, message);
        return;
      default:
        this.behaviour satisfies never;
    }
  }

  /** The same place, another content, properly signed. */
  #other(message: ConsensusMessage): ConsensusMessage {
    if (message.type === "vote") {
      const { vote } = message;
      const others = [...this.state.blocks.values()].map((block) => block.blockId);
      const id = isZeroHash(vote.blockId) ? (others[0] ?? hash32("test/nowhere")) : (others[1] ?? ZERO_HASH);
      return { type: "vote", vote: signVote(this.deps.bls, this.#seed, vote, id) };
    }
    return message.type === "proposal" ? this.#withMark(message, 0x01) : message;
  }

  #marked(message: Extract<ConsensusMessage, { type: "proposal" }>): ConsensusMessage {
    return this.#withMark(message, this.chance.chance(0.5) ? INVALID_MARK : WITHHELD_MARK);
  }

  #withMark(message: Extract<ConsensusMessage, { type: "proposal" }>, mark: number): ConsensusMessage {
    const { proposal } = message;
    const body = this.bodies.get(formatHex(proposal.blockId))!;
    const auxRoot = hash(concatBytes(Uint8Array.of(mark), new Uint8Array(31)));
    const header = { ...proposal.header, auxRoot };
    this.bodies.set(formatHex(blockId(header)), { ...body, header });
    return {
      type: "proposal",
      proposal: signProposal(this.deps.bls, this.#seed, header, proposal.round, proposal.validRound),
    };
  }

  #wrongRound(message: Extract<ConsensusMessage, { type: "proposal" }>): ConsensusMessage {
    const { header, round } = message.proposal;
    const wrong = this.chance.pick([round, round + 3, Math.max(0, round - 1), -1]);
    const old = this.chance.chance(0.5) && round > 0 ? { ...header, round: round - 1 } : header;
    const body = this.bodies.get(formatHex(message.proposal.blockId))!;
    this.bodies.set(formatHex(blockId(old)), { ...body, header: old });
    return { type: "proposal", proposal: signProposal(this.deps.bls, this.#seed, old, round, wrong) };
  }

  #forge(to: number, message: Extract<ConsensusMessage, { type: "vote" }>): void {
    const { vote } = message;
    const validator = this.chance.between(0, this.world.seats().length - 1);
    const signature = new Uint8Array(96).fill(this.chance.between(0, 255));
    super.sendMessage(to, { type: "vote", vote: { ...vote, validator, signature } });
    const round = vote.round + this.chance.between(2, 1_000_000);
    super.sendMessage(to, {
      type: "vote",
      vote: signVote(this.deps.bls, this.#seed, { ...vote, round }, vote.blockId),
    });
  }
}
