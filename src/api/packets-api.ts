import type { Amount } from "../core/values/amount.ts";
import type { PacketCheckProgress, PacketCheckResult } from "./packet-check.ts";
import type {
  ClaimView,
  LookLinkResult,
  MadePacketView,
  OpeningView,
  OpenLinkResult,
  PacketDraft,
  PacketPictureResult,
  PacketTermsView,
  ProposePacketResult,
} from "./packets.ts";

/** Red packets: those of others that a link leads to, and one's own. */
export interface PacketsApi {
  /** What a link leads to, also amid a message. A node is asked, which takes a moment; without a wallet too. */
  look(link: string): Promise<LookLinkResult>;
  /**
   * A person may tap soon: nodes are dialled over identities nobody has seen, for a minute. Tells nobody which packet is
   * meant, or that there is one. Resolves once they have answered, or cannot be told yet.
   */
  prepare(): Promise<void>;
  /**
   * A person's tap: opens a packet or takes a gift for this wallet. What is asked of the chain is stored before it leaves,
   * and goes on by itself, over restarts as well. `password`: empty where there is none.
   */
  open(link: string, password: string): Promise<OpenLinkResult>;
  /** Changes often and is told by no event. undefined while nothing is being opened. */
  opening(): Promise<OpeningView | undefined>;
  /** Packets that were opened, newest first. Told with `history`. */
  claims(): Promise<readonly ClaimView[]>;
  /** undefined before the network is known. */
  terms(): Promise<PacketTermsView | undefined>;
  /** What giving this away would cost. Confirmed by `payments.confirm`, as the two below. */
  propose(draft: PacketDraft): Promise<ProposePacketResult>;
  /** One coin for whoever opens its link first: no different from a payment, to whoever has not the link. */
  proposeGift(amount: Amount): Promise<ProposePacketResult>;
  /** Brings back what nobody has opened yet; others may still be faster. */
  proposeBack(id: string): Promise<ProposePacketResult>;
  /** Packets and gifts of this wallet's, newest first. */
  made(): Promise<readonly MadePacketView[]>;
  /** What stands behind `/r#` in the link of one: a secret, for those it is meant for. undefined before it is final. */
  fragment(id: string): Promise<string | undefined>;
  /** What each share of one holds, by its place, µSTG; undefined for a gift, before it is final, and where only payments of others are seen. */
  shares(id: string): Promise<readonly Amount[] | undefined>;
  /**
   * The picture of a packet that this wallet has made or opened, by its id, or of the one that was tapped last, by its
   * link. Nodes are asked, over connections of their own, and learn that somebody reads it: not before a person's tap.
   */
  picture(idOrLink: string): Promise<PacketPictureResult>;
  /**
   * Rechecks how a packet was shared out that this wallet has opened or made, from the blocks of its life (9.6). They are
   * read as Explore reads them (NW-20), so it takes a while, and no node learns which packet is meant.
   */
  check(id: string): Promise<PacketCheckResult>;
  /** How far the check has come. */
  checking(): Promise<PacketCheckProgress>;
}
