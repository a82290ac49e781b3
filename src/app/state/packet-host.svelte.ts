import type { LinkView, MadePacketView, PacketProposalView } from "../../api/packets.ts";
import type { Amount } from "../../core/values/amount.ts";
import { PACKET_PATH } from "../../core/values/packet-link.ts";
import type { PacketCode } from "./packet-draft.svelte.ts";
import type { ConfirmCode } from "./send.svelte.ts";
import type { Session } from "./session.svelte.ts";

/** Looking asks a node, so not with every block. */
const LOOK_MS = 6_000;

/** One packet of this wallet's that can be opened: its link, what others have opened, and taking it back. */
export class PacketHostState {
  /** The whole link; undefined before it is final, and once it is over. */
  link = $state.raw<string>();
  isLinkFailed = $state.raw(false);
  /** As the chain has it; undefined until a node was asked. */
  seen = $state.raw<LinkView>();
  /** What each share holds, by its place; undefined until it was read, and for a gift. */
  amounts = $state.raw<readonly Amount[]>();
  proposal = $state.raw<PacketProposalView>();
  isProposing = $state.raw(false);
  isConfirming = $state.raw(false);
  problem = $state.raw<PacketCode>();
  confirmProblem = $state.raw<ConfirmCode | "failed">();
  readonly id: string;
  readonly #session: Session;
  readonly #origin: string;
  #isLooking = false;

  constructor(session: Session, id: string, origin: string) {
    this.#session = session;
    this.id = id;
    this.#origin = origin;
  }

  /** Runs while it can be opened: reads its link, then looks at it again and again. Returns how to stop. */
  watch(kind: MadePacketView["kind"]): () => void {
    void this.readLink().then(() => this.look(kind));
    const timer = setInterval(() => void this.look(kind), LOOK_MS);
    return () => clearInterval(timer);
  }

  async readLink(): Promise<void> {
    try {
      const fragment = await this.#session.client.packets.fragment(this.id);
      this.link = fragment === undefined ? undefined : this.#origin + PACKET_PATH + fragment;
      this.isLinkFailed = fragment === undefined;
    } catch {
      this.isLinkFailed = true;
    }
  }

  /** What is not read is not shown: the packet is the same without. */
  async readShares(): Promise<void> {
    this.amounts = await this.#session.client.packets.shares(this.id).catch(() => undefined);
  }

  /** Of a gift blocks tell enough: nobody is asked about it. */
  async look(kind: MadePacketView["kind"]): Promise<void> {
    const { link } = this;
    if (kind === "gift" || link === undefined || this.#isLooking) return;
    this.#isLooking = true;
    const looked = await this.#session.client.packets.look(link).catch(() => undefined);
    this.#isLooking = false;
    // Once its last share is drawn a packet is gone, and what was seen last stands until its blocks are here.
    if (looked?.ok === true) this.seen = { ...looked.link, shares: looked.link.shares ?? this.seen?.shares };
  }

  /** True when taking it back is there to be looked at. */
  async reviewBack(): Promise<boolean> {
    if (this.isProposing) return false;
    this.isProposing = true;
    this.problem = undefined;
    let proposal: PacketProposalView | undefined;
    try {
      const proposed = await this.#session.client.packets.proposeBack(this.id);
      if (proposed.ok) proposal = proposed.proposal;
      else this.problem = proposed.code;
      return proposed.ok;
    } catch {
      this.problem = "failed";
      return false;
    } finally {
      // Not before: a sheet that asks for another one stays with what it shows until there is an answer.
      this.proposal = proposal;
      this.confirmProblem = undefined;
      this.isProposing = false;
    }
  }

  /** True when it is stored; else the reason is in `confirmProblem`. */
  async confirmBack(): Promise<boolean> {
    const { proposal } = this;
    if (proposal === undefined || this.isConfirming) return false;
    this.isConfirming = true;
    this.confirmProblem = undefined;
    try {
      const confirmed = await this.#session.client.payments.confirm(proposal.proposalId);
      if (!confirmed.ok) this.confirmProblem = confirmed.code;
      return confirmed.ok;
    } catch {
      this.confirmProblem = "failed";
      return false;
    } finally {
      this.isConfirming = false;
    }
  }
}
