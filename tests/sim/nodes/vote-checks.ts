import { equalBytes } from "../../../src/core/bytes/compare-bytes.ts";
import { formatHex } from "../../../src/core/bytes/hex.ts";
import type { ConsensusFrame } from "../../../src/core/chain/consensus-frames.ts";
import type { Evidence } from "../../../src/core/chain/evidence.ts";
import { blockId } from "../../../src/core/chain/header.ts";
import type { ValidatorSet } from "../../../src/core/chain/validator-set.ts";
import type { Vote } from "../../../src/core/chain/vote.ts";
import { decodeLogEntry } from "../../../src/core/consensus/consensus-log.ts";
import type { ConsensusLogEntry } from "../../../src/core/ports/full-node-store.ts";
import { isZeroHash, type Hash } from "../../../src/core/values/hash.ts";
import { isTwoThirds, shortName, SimulationFault, type ChainChecks } from "./chain-checks.ts";

/** What one seat said at one height. */
interface SeatRecord {
  /** `type round` → what was signed there. */
  readonly signed: Map<string, string>;
  /** Newest precommit for a block. */
  locked: { readonly round: number; readonly blockId: Hash } | undefined;
}

/** Heights below the highest one that are still looked at: nobody votes below a block that all have. */
const HEIGHTS_KEPT = 64;

/**
 * What must hold of the messages of correct validators, whatever crashed in between: one message for each place (CO-14),
 * and no prevote against a lock without two thirds of prevotes that release it (CO-5, CO-6).
 */
export class VoteChecks {
  readonly #chain: ChainChecks;
  readonly #correctKeys: ReadonlySet<string>;
  /** `height key` → what it said. */
  readonly #seats = new Map<string, SeatRecord>();
  /** `height round block` → keys that prevoted for it. */
  readonly #prevotes = new Map<string, Set<string>>();

  constructor(chain: ChainChecks, correctKeys: ReadonlySet<string>) {
    this.#chain = chain;
    this.#correctKeys = correctKeys;
  }

  /** A correct node sends this: its own message, or one that it passes on. */
  sent(frame: ConsensusFrame): void {
    if (frame.type === "vote") this.#takeVote(frame.vote);
    if (frame.type === "proposal") {
      const { height: at, round, validRound, body } = frame.proposal;
      const key = this.#keyAt(at, this.#chain.proposerAt(at, round));
      if (key !== undefined)
        this.#sign(at, key, `proposal ${round}`, `${validRound} ${shortName(blockId(body.header))}`);
    }
  }

  /** A cheat sends this: its prevotes release locks like any other. */
  cheated(frame: ConsensusFrame): void {
    if (frame.type === "vote") this.#countPrevote(frame.vote);
  }

  /** A validator writes this: from here on its own vote counts for itself, though it may never be sent. */
  logged(entry: ConsensusLogEntry): void {
    const decoded = decodeLogEntry(entry);
    if (decoded.type === "vote") this.#countPrevote(decoded.vote);
  }

  /** A correct node accuses somebody: of what a correct validator never does (ST-4). */
  accused(name: string, evidence: Evidence): void {
    if (evidence.kind === "certificates") return;
    if (!this.#correctKeys.has(formatHex(evidence.blsKey))) return;
    throw new SimulationFault("accusation", `${name} has evidence of two ${evidence.kind} of a correct validator`);
  }

  #takeVote(vote: Vote): void {
    const { height: at, round, type, blockId: id } = vote;
    this.#countPrevote(vote);
    const key = this.#keyAt(at, vote.validator);
    if (key === undefined || !this.#correctKeys.has(key)) return;
    this.#sign(at, key, `${type} ${round}`, isZeroHash(id) ? "nil" : shortName(id));
    if (isZeroHash(id)) return;
    const record = this.#recordOf(at, key);
    if (type === "precommit") {
      if ((record.locked?.round ?? -1) < round) record.locked = { round, blockId: id };
    } else if (record.locked !== undefined) this.#checkLock(vote, record.locked);
  }

  #checkLock({ height: at, round, blockId: id, validator }: Vote, locked: NonNullable<SeatRecord["locked"]>): void {
    if (round <= locked.round || equalBytes(id, locked.blockId)) return;
    const set = this.#chain.validatorsAt(at)!;
    for (let released = locked.round; released < round; released++) {
      const keys = this.#prevotes.get(`${at} ${released} ${formatHex(id)}`);
      if (keys !== undefined && isTwoThirds(votersOf(set, keys), set)) return;
    }
    const blocks = `${shortName(locked.blockId)} of round ${locked.round}, prevote for ${shortName(id)} in round ${round}`;
    throw new SimulationFault("lock", `seat ${validator} at height ${at}: locked on ${blocks}`);
  }

  #countPrevote({ type, height: at, round, blockId: id, validator }: Vote): void {
    if (type !== "prevote" || isZeroHash(id)) return;
    const key = this.#keyAt(at, validator);
    if (key === undefined) return;
    const place = `${at} ${round} ${formatHex(id)}`;
    const keys = this.#prevotes.get(place) ?? new Set();
    this.#prevotes.set(place, keys.add(key));
  }

  #sign(at: number, key: string, place: string, what: string): void {
    if (!this.#correctKeys.has(key)) return;
    const { signed } = this.#recordOf(at, key);
    const known = signed.get(place);
    if (known !== undefined && known !== what) {
      throw new SimulationFault(
        "double-sign",
        `a correct validator signed ${known} and ${what} as ${place} of height ${at}`,
      );
    }
    signed.set(place, what);
  }

  #recordOf(at: number, key: string): SeatRecord {
    const place = `${at} ${key}`;
    const known = this.#seats.get(place);
    if (known !== undefined) return known;
    const fresh: SeatRecord = { signed: new Map(), locked: undefined };
    this.#seats.set(place, fresh);
    this.#forget();
    return fresh;
  }

  #keyAt(at: number, seat: number | undefined): string | undefined {
    const validator = seat === undefined ? undefined : this.#chain.validatorsAt(at)?.[seat];
    return validator === undefined ? undefined : formatHex(validator.blsKey);
  }

  #forget(): void {
    const oldest = this.#chain.height - HEIGHTS_KEPT;
    for (const held of [this.#seats, this.#prevotes] as const) {
      for (const place of held.keys()) {
        if (Number(place.split(" ", 1)[0]) >= oldest) break;
        held.delete(place);
      }
    }
  }
}

function votersOf(set: ValidatorSet, keys: ReadonlySet<string>): ValidatorSet {
  return set.filter(({ blsKey }) => keys.has(formatHex(blsKey)));
}
