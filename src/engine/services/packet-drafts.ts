import type { ClientApi } from "../../api/client-api.ts";
import type { MadePacketView, PacketDraft, PacketTermsView, ProposePacketResult } from "../../api/packets.ts";
import { PACKET_PASSWORD_BYTES_MAX } from "../../core/crypto/packet-password.ts";
import { knownParams, paymentTerms } from "../../core/machines/light-client-views.ts";
import { PACKET_SLOTS_MAX } from "../../core/params/limits.ts";
import { GREETING_TEXT_SIZE_MAX } from "../../core/red-packet/packet-greeting.ts";
import { tryOdds } from "../../core/red-packet/packet-try.ts";
import type { SplitPlan } from "../../core/red-packet/split-packet.ts";
import { amount, type Amount } from "../../core/values/amount.ts";
import { makeEphemeralKey } from "../../core/wallet/build-packet.ts";
import { splitCount, type NewPacket } from "../../core/wallet/packet-order.ts";
import {
  proposeGift,
  proposePacket,
  proposeSweep,
  proposeTakeBack,
  type PacketFailureCode,
  type PacketTerms,
  type ProposePacketResult as Proposed,
} from "../../core/wallet/propose-packet.ts";
import type { WalletState } from "../../core/wallet/wallet-state.ts";
import type { WalletKeys } from "../../core/wallet/wallet-secrets.ts";
import type { BlobsService } from "./blobs.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import { liveLeaf, madeFragment, madePacketSecret, madePackets } from "./made-packets.ts";
import { besidePacket, sealPicture } from "./packet-pictures.ts";
import { readShares } from "./packet-views.ts";
import type { Companion, PaymentsService } from "./payments.ts";
import { untilConfigured } from "./until-configured.ts";

/** No share of a lucky packet is less than this part of the average: luck, and no joke. */
const LEAST_PART = 100n;
const DAY_MS = 24 * 60 * 60_000;
/** Bits of work (RP-1) that are offered to creators: of each step about a third of the tries of the one before are won. */
const CHANCE_BITS = [6, 8, 10, 12] as const;

type Asked =
  | (Proposed & { readonly companion?: Companion | undefined })
  | { readonly ok: false; readonly code: "picture_too_large" };

type DraftCalls = Pick<
  ClientApi["packets"],
  "terms" | "propose" | "proposeGift" | "proposeBack" | "made" | "fragment" | "shares"
>;

/** Red packets that somebody is about to make, or has made. What is proposed is confirmed, stored and sent as payments are. */
export class PacketDrafts {
  readonly #edges: LightClientEdges;
  readonly #run: () => LightClientRun | undefined;
  readonly #keys: () => WalletKeys | undefined;
  readonly #payments: PaymentsService;
  readonly #blobs: BlobsService;

  constructor(
    edges: LightClientEdges,
    run: () => LightClientRun | undefined,
    keys: () => WalletKeys | undefined,
    payments: PaymentsService,
    blobs: BlobsService,
  ) {
    this.#edges = edges;
    this.#run = run;
    this.#keys = keys;
    this.#payments = payments;
    this.#blobs = blobs;
  }

  readonly api: DraftCalls = {
    terms: () => Promise.resolve(this.#terms()),
    propose: (draft) => this.#propose((wallet, terms) => this.#proposeDraft(wallet, terms, draft)),
    proposeGift: (value) => this.#propose((wallet, terms) => proposeGift(wallet, terms, value)),
    proposeBack: (id) => this.#propose((wallet, terms) => proposeBack(wallet, terms, id)),
    made: () => Promise.resolve(this.#made()),
    fragment: (id) => Promise.resolve(this.#fragment(id)),
    shares: (id) => Promise.resolve(this.#shares(id)),
  };

  #proposeDraft(wallet: WalletState, terms: PacketTerms, draft: PacketDraft): Asked {
    const { workBits, lifeMs, greeting, password, picture } = draft;
    const ephemeralKey = makeEphemeralKey(this.#edges.curve, this.#edges.random);
    const sealed = picture && sealPicture(terms.view, ephemeralKey, picture);
    if (sealed === "too_large") return { ok: false, code: "picture_too_large" };
    const proposed = proposePacket(wallet, terms, {
      ephemeralKey,
      plan: planOf(draft),
      gate: workBits === undefined ? { mode: "open" } : { mode: "chance", powBits: workBits },
      expiry: { afterMs: lifeMs ?? Math.min(DAY_MS, terms.params.packetMaxMs) },
      text: greeting,
      adBlobId: sealed?.blobId,
      password,
    });
    return { ...proposed, companion: sealed && besidePacket(this.#blobs, sealed) };
  }

  async #propose(propose: (wallet: WalletState, terms: PacketTerms) => Asked): Promise<ProposePacketResult> {
    const run = this.#run();
    if (run !== undefined) await untilConfigured(run, this.#edges.timers);
    const terms = run && paymentTerms(run.state, run.now());
    const wallet = run?.state.durable.wallet;
    const keys = this.#keys()?.spend;
    if (run === undefined || run !== this.#run() || terms === undefined || wallet === undefined || keys === undefined)
      return { ok: false, code: "not_ready" };
    const proposed = propose(wallet, { ...terms, curve: this.#edges.curve, view: keys.view });
    if (proposed.ok) {
      const { packet } = proposed.proposal;
      const made = packet?.act === "packet" ? { expiryMs: packet.expiry, claimFees: claimFeesOf(packet) } : {};
      return { ok: true, proposal: { ...this.#payments.hold(run, proposed.proposal, proposed.companion), ...made } };
    }
    return "missing" in proposed ? proposed : { ok: false, code: told(proposed.code) };
  }

  #terms(): PacketTermsView | undefined {
    const run = this.#run();
    const params = run && knownParams(run.state);
    if (params === undefined) return undefined;
    return {
      countMax: PACKET_SLOTS_MAX,
      greetingBytesMax: GREETING_TEXT_SIZE_MAX,
      passwordBytesMax: PACKET_PASSWORD_BYTES_MAX,
      lifeMaxMs: params.packetMaxMs,
      chances: CHANCE_BITS.map((workBits) => ({ workBits, odds: tryOdds(workBits) })),
    };
  }

  #made(): readonly MadePacketView[] {
    const wallet = this.#run()?.state.durable.wallet;
    const view = this.#keys()?.view;
    return wallet === undefined || view === undefined ? [] : madePackets(wallet, view);
  }

  #fragment(id: string): string | undefined {
    const { wallet, anchor } = this.#run()?.state.durable ?? {};
    const view = this.#keys()?.view;
    if (wallet === undefined || anchor === undefined || view === undefined) return undefined;
    return madeFragment(wallet, view, anchor.chainId, id);
  }

  #shares(id: string): readonly Amount[] | undefined {
    const wallet = this.#run()?.state.durable.wallet;
    const view = this.#keys()?.view;
    const packet = wallet && view && madePacketSecret(wallet, view, id);
    return packet && readShares(packet);
  }
}

const claimFeesOf = ({ claimFee, plan }: NewPacket): Amount => amount(claimFee * BigInt(splitCount(plan)));

function planOf({ kind, total, count }: PacketDraft): SplitPlan {
  if (kind === "equal") return { split: "equal", total, count };
  return { split: "lucky", total, count, minimum: leastShare(total, count) };
}

function leastShare(total: Amount, count: number): Amount {
  const part = count >= 1 ? total / (LEAST_PART * BigInt(Math.floor(count))) : 0n;
  return amount(part > 1n ? part : 1n);
}

function proposeBack(wallet: WalletState, terms: PacketTerms, id: string): Proposed {
  const leaf = liveLeaf(wallet, terms.view, id);
  if (leaf === undefined) return { ok: false, code: "unknown_packet" };
  const { packet } = wallet.notes.get(leaf)!.note;
  return packet?.type === "gift" ? proposeSweep(wallet, terms, leaf) : proposeTakeBack(wallet, terms, leaf);
}

type ToldCode = Extract<ProposePacketResult, { readonly ok: false }>["code"];

/** A fresh D for each proposal is never a used one, and whoever asks for a gift means a packet of his. */
function told(code: PacketFailureCode | ToldCode): ToldCode {
  if (code === "key_used") throw new Error("a fresh key was used before");
  return code === "unknown_gift" ? "unknown_packet" : code;
}
