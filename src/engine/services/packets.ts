import type { ClientApi } from "../../api/client-api.ts";
import type { PacketCheckResult } from "../../api/packet-check.ts";
import type { ClaimView, LookLinkResult, OpenLinkResult, OpeningView, PacketPictureResult } from "../../api/packets.ts";
import type { LightClientNotice } from "../../core/machines/light-client-effect.ts";
import { paymentTerms } from "../../core/machines/light-client-views.ts";
import { packetPasswordBytes } from "../../core/crypto/packet-password.ts";
import { NEW_TRY, TRY_EVALUATIONS, type PacketTryState } from "../../core/red-packet/packet-try.ts";
import type { LeafIndex } from "../../core/values/height.ts";
import type { BuiltClaim, ClaimPass, ClaimSeat, ClaimTarget } from "../../core/wallet/build-claim.ts";
import { openLinkedGift } from "../../core/wallet/gift-note.ts";
import type { AccountKeys, ScanKeys } from "../../core/wallet/keys.ts";
import { isOpenClaim, type PacketClaim } from "../../core/wallet/packet-claim.ts";
import { proposeSweep } from "../../core/wallet/propose-packet.ts";
import { rejectClaim } from "../../core/wallet/step-claims.ts";
import type { WalletKeys } from "../../core/wallet/wallet-secrets.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import type { BlobsService } from "./blobs.ts";
import { madePacketSecret } from "./made-packets.ts";
import { isOver, PacketLinks, parseLinkText, shareCountLeft, viewLink, type FollowedLink } from "./packet-links.ts";
import { readPicture, type PacketSecret } from "./packet-pictures.ts";
import { PacketDrafts } from "./packet-drafts.ts";
import type { PacketChecks } from "./packet-checks.ts";
import { claimName } from "./packet-names.ts";
import { viewClaim } from "./packet-views.ts";
import type { PaymentsService } from "./payments.ts";

/** Of a try, between two looks at whether somebody still waits: some tenths of a second on a phone. */
const EVALUATIONS_AT_ONCE = 8;
/**
 * While claims are open their packets are looked at so often. Blocks tell of shares, and of packets that have ended, within
 * seconds; what else keeps a claim from a block only the packet tells.
 */
const LOOK_MS = 15_000;
const LOOK_MS_MAX = 60_000;
/** How often a gift is looked at, at most, while a block comes in between each time. */
const GIFT_LOOKS_MAX = 5;

type Refused = Extract<OpenLinkResult, { readonly ok: false }>;
const refuse = (code: Refused["code"]): Refused => ({ ok: false, code });

/** The packets area of the client's API: links are looked at and opened. What was opened lives in the machine. */
export class PacketsService {
  readonly #edges: LightClientEdges;
  readonly #run: () => LightClientRun | undefined;
  readonly #keys: () => WalletKeys | undefined;
  readonly #payments: PaymentsService;
  readonly #blobs: BlobsService;
  readonly #links: PacketLinks;
  /** Read when somebody first asks: few do, and everybody waits for the rest. */
  #checks: PacketChecks | undefined;
  readonly api: ClientApi["packets"];
  /** Answers of the machine that somebody waits for, by the leaf of the packet. */
  readonly #waiting = new Map<LeafIndex, (result: OpenLinkResult) => void>();
  readonly #views = new WeakMap<PacketClaim, ClaimView>();
  #opening: OpeningView | undefined;
  /** What was tapped last, opened or not. */
  #tapped: (PacketSecret & { readonly leaf: LeafIndex }) | undefined;
  #lastOpen: Promise<unknown> = Promise.resolve();
  #callOffLook: () => void = () => undefined;
  #lookMs = LOOK_MS;

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
    this.#links = new PacketLinks(edges, run);
    this.api = {
      look: (text) => this.#look(text),
      prepare: () => this.#prepare(),
      open: (text, password) => this.#openInTurn(text, password),
      opening: () => Promise.resolve(this.#opening),
      claims: () => Promise.resolve(this.#claims()),
      ...new PacketDrafts(edges, run, keys, payments, blobs).api,
      picture: (idOrLink) => this.#picture(idOrLink),
      check: (id) => this.#check(id),
      checking: () => Promise.resolve(this.#checks?.progress),
    };
  }

  notice(notice: LightClientNotice): void {
    if (notice.type === "claim-stored") {
      const id = this.#nameOf(notice.packetLeaf);
      this.#settle(notice.packetLeaf, id === undefined ? refuse("failed") : { ok: true, id });
    }
    if (notice.type === "claim-rejected") {
      this.#settle(notice.packetLeaf, this.#refuseClaim(notice.packetLeaf, notice.code));
    }
  }

  /** A run has begun: claims of before are followed. */
  begun(): void {
    this.#lookMs = LOOK_MS;
    this.#lookLater();
  }

  /** The run is over: nobody is asked any more. Its last step may still store a claim that somebody waits for. */
  async stopped(): Promise<void> {
    await Promise.all([this.#links.stopped(), this.#checks?.stopped()]);
  }

  /** The engine is gone: what is not stored by now will not be, and nobody waits any more. */
  ended(): void {
    for (const leaf of [...this.#waiting.keys()]) this.#settle(leaf, refuse("failed"));
    this.#callOffLook();
    this.#tapped = undefined;
  }

  async #look(text: string): Promise<LookLinkResult> {
    const result = await this.#links.follow(text);
    if (!result.ok) return result;
    return { ok: true, link: viewLink(result.followed, this.#run()?.state.durable.wallet) };
  }

  async #check(id: string): Promise<PacketCheckResult> {
    const wallet = this.#run()?.state.durable.wallet;
    const view = this.#keys()?.view;
    if (wallet === undefined || view === undefined) return { ok: false, code: "not_ready" };
    const [{ PacketChecks }, { soughtPacket }] = await Promise.all([
      import("./packet-checks.ts"),
      import("./packet-check-view.ts"),
    ]);
    const sought = soughtPacket(wallet, view, id);
    if (typeof sought === "string") return { ok: false, code: sought };
    this.#checks ??= new PacketChecks(this.#edges, this.#run);
    return this.#checks.check(sought);
  }

  async #picture(idOrLink: string): Promise<PacketPictureResult> {
    const packet = this.#packetOf(idOrLink);
    return packet === undefined ? { ok: false, code: "none" } : readPicture(this.#blobs, packet);
  }

  #packetOf(idOrLink: string): PacketSecret | undefined {
    const wallet = this.#run()?.state.durable.wallet;
    const view = this.#keys()?.view;
    const opened = [...(wallet?.claims.values() ?? [])].find(({ packetLeaf }) => this.#nameOf(packetLeaf) === idOrLink);
    if (opened !== undefined) return opened;
    const made = wallet && view && madePacketSecret(wallet, view, idOrLink);
    if (made !== undefined) return made;
    const parsed = parseLinkText(idOrLink);
    return parsed.ok && parsed.link.leaf === this.#tapped?.leaf ? this.#tapped : undefined;
  }

  #claims(): readonly ClaimView[] {
    const view = this.#keys()?.view;
    if (view === undefined) return [];
    const claims = [...(this.#run()?.state.durable.wallet?.claims.values() ?? [])];
    return claims.sort((left, right) => right.sequence - left.sequence).map((claim) => this.#viewOf(view, claim));
  }

  /** Asked for with every news of anything, and each takes the greeting out of its seal. */
  #viewOf(view: ScanKeys, claim: PacketClaim): ClaimView {
    const known = this.#views.get(claim) ?? viewClaim(view, claim);
    this.#views.set(claim, known);
    return known;
  }

  /** undefined: the wallet was locked meanwhile. */
  #nameOf(packetLeaf: LeafIndex): string | undefined {
    const view = this.#keys()?.view;
    return view && claimName(view, packetLeaf);
  }

  /** What was opened before is named, so that it can be shown again. */
  #refuseClaim(leaf: LeafIndex, code: keyof typeof REJECTED): Refused {
    return code === "already_claimed"
      ? { ...refuse("already_opened"), id: this.#nameOf(leaf) }
      : refuse(REJECTED[code]);
  }

  async #prepare(): Promise<void> {
    const run = this.#run();
    await Promise.all([this.#links.prepare(), run === undefined ? undefined : this.#payments.prepare(run)]);
  }

  /** One after the other: a second tap finds what the first has made. */
  #openInTurn(text: string, password: string): Promise<OpenLinkResult> {
    const turn = this.#lastOpen.then(() => this.#open(text, password));
    this.#lastOpen = turn.catch(() => undefined);
    return turn.finally(() => (this.#opening = undefined));
  }

  async #open(text: string, password: string): Promise<OpenLinkResult> {
    const keys = this.#keys()?.spend;
    if (keys === undefined) return refuse("no_wallet");
    this.#opening = { step: "looking", done: 0, link: undefined };
    const run = this.#run();
    // Dialled while the packet is looked at: what is sent then goes out at once.
    if (run !== undefined) void this.#payments.prepare(run);
    const result = await this.#links.follow(text);
    if (!result.ok) return result;
    const { followed } = result;
    const { link, linked } = followed;
    if (linked.type === "packet") this.#tapped = { leaf: link.leaf, core: linked.core, linkSecret: link.linkSecret };
    this.#opening = { step: "looking", done: 0, link: viewLink(followed, this.#run()?.state.durable.wallet) };
    return followed.link.kind === "gift" ? this.#take(keys, followed) : this.#claim(keys, followed, password);
  }

  async #claim(keys: AccountKeys, { link, linked, timeMs }: FollowedLink, password: string): Promise<OpenLinkResult> {
    const wallet = this.#run()?.state.durable.wallet;
    if (wallet === undefined) return refuse("not_ready");
    const rejected = rejectClaim(wallet, link.leaf);
    if (rejected !== undefined) return this.#refuseClaim(link.leaf, rejected);
    if (linked.type !== "packet") return refuse("gone");
    const { core, state } = linked;
    if (isOver(core, state, timeMs)) return refuse("expired");
    if (shareCountLeft(core, state) === 0) return refuse("gone");
    if (core.gate.mode === "ticket") return refuse("not_for_you");
    const typed = link.hasPassword ? packetPasswordBytes(password) : undefined;
    if (link.hasPassword && typed === undefined) return refuse("wrong_password");
    const target = { chainId: link.chainId, packetLeaf: link.leaf, core, linkSecret: link.linkSecret };
    const prepared = await this.#edges.jobs.prepareClaim(keys, { target, password: typed });
    if (prepared === undefined) return refuse("failed");
    // A link without password that does not open its packet is the link of another.
    if (!prepared.ok) return refuse(link.hasPassword ? "wrong_password" : "malformed");
    const pass = await this.#pass(prepared.target, prepared.seat);
    if ("code" in pass) return pass;
    this.#atStep("signing", 1);
    const made = await this.#edges.jobs.makeClaim(keys, { target: prepared.target, seat: prepared.seat, pass });
    return made?.ok === true ? this.#store(prepared.target, made.claim) : refuse("failed");
  }

  /** What the packet asks of whoever opens it. */
  async #pass({ core, packetLeaf }: ClaimTarget, { oneTimeKey }: ClaimSeat): Promise<ClaimPass | Refused> {
    if (core.gate.mode !== "chance") return { mode: "open" };
    const chain = this.#run()?.state.durable.chain;
    if (chain === undefined) return refuse("not_ready");
    const { header, blockId } = chain;
    const { packetKey, gate } = core;
    const { height: refHeight } = header;
    const job = { packetLeaf, packetKey, powBits: gate.powBits, refHeight, blockId, oneTimeKey, firstNonce: 0n };
    let state: PacketTryState = NEW_TRY;
    while (state.status === "running") {
      this.#atStep("trying", state.evaluated / TRY_EVALUATIONS);
      const next: PacketTryState | undefined = await this.#edges.jobs.tryPacket({
        job,
        state,
        evaluations: EVALUATIONS_AT_ONCE,
      });
      if (next === undefined) return refuse("failed");
      state = next;
    }
    return state.status === "lost"
      ? refuse("not_this_time")
      : { mode: "chance", refHeight, blockId, powNonce: state.nonce };
  }

  #atStep(step: OpeningView["step"], done: number): void {
    this.#opening = { step, done, link: this.#opening?.link };
  }

  /** Resolves once it is stored; from there on it goes out by itself. */
  async #store(target: ClaimTarget, built: BuiltClaim): Promise<OpenLinkResult> {
    const run = this.#run();
    if (run === undefined) return refuse("failed");
    // A wallet that was made for this very packet has not seen its first block yet.
    await run.until(({ durable }) => durable.wallet?.scanned !== undefined);
    return new Promise((resolve) => {
      this.#waiting.set(target.packetLeaf, resolve);
      run.post({ type: "claim-built", target, built });
    });
  }

  #settle(leaf: LeafIndex, result: OpenLinkResult): void {
    const settle = this.#waiting.get(leaf);
    this.#waiting.delete(leaf);
    settle?.(result);
    this.#lookMs = LOOK_MS;
    this.#lookLater();
  }

  /** A gift is a coin under keys of its link: known first, then swept into coins of our own. */
  async #take(
    keys: AccountKeys,
    { link, linked, height, timeMs }: FollowedLink,
    looksLeft = GIFT_LOOKS_MAX - 1,
  ): Promise<OpenLinkResult> {
    const run = this.#run();
    if (run === undefined) return refuse("not_ready");
    if (linked.type !== "coin") return refuse("gone");
    const opened = openLinkedGift(this.#edges.curve, keys, link.linkSecret, linked.core);
    if (opened === undefined) return refuse("malformed");
    // A wallet that was made for this very gift has not seen its first block yet.
    await run.until(({ durable }) => durable.wallet?.scanned !== undefined);
    const note = { ...opened, leaf: link.leaf, height: linked.madeAt, timeMs, isTimeBound: true };
    run.post({ type: "gift-opened", note, height });
    const state = await run.until(({ durable }) => {
      return durable.wallet?.notes.has(link.leaf) === true || (durable.wallet?.scanned?.height ?? 0) > height;
    });
    const { wallet } = state.durable;
    if (wallet?.notes.has(link.leaf) !== true) {
      // Not kept, since a block has come that may have spent it. Mostly none has, so it is looked at anew.
      if (looksLeft === 0) return refuse("not_ready");
      const seen = await this.#links.find(link.leaf, link.linkSecret);
      return seen === undefined ? refuse("offline") : this.#take(keys, { link, ...seen }, looksLeft - 1);
    }
    const terms = paymentTerms(state, run.now());
    if (terms === undefined) return refuse("not_ready");
    const proposed = proposeSweep(wallet, { ...terms, curve: this.#edges.curve, view: keys.view }, link.leaf);
    if (!proposed.ok) return refuse(SWEEP_CODES[proposed.code] ?? "failed");
    const { proposalId } = this.#payments.hold(run, proposed.proposal);
    const confirmed = await this.#payments.api.confirm(proposalId);
    return confirmed.ok ? { ok: true, id: confirmed.txid } : refuse("failed");
  }

  #lookLater(): void {
    this.#callOffLook();
    this.#callOffLook = this.#edges.timers.after(this.#lookMs, () => void this.#lookAtClaims());
  }

  /** Blocks bring shares; that others were faster only the packet itself can say. */
  async #lookAtClaims(): Promise<void> {
    const run = this.#run();
    const open = [...(run?.state.durable.wallet?.claims.values() ?? [])].filter(isOpenClaim);
    if (run === undefined || open.length === 0) return;
    this.#lookMs = Math.min(LOOK_MS_MAX, 2 * this.#lookMs);
    for (const { packetLeaf, linkSecret } of open) {
      const found = await this.#links.find(packetLeaf, linkSecret);
      if (this.#run() !== run) return;
      if (found === undefined) continue;
      const { height, timeMs, linked } = found;
      const state = linked.type === "packet" ? linked.state : undefined;
      run.post({ type: "packet-seen", seen: { packetLeaf, height, timeMs, state } });
    }
    this.#lookLater();
  }
}

const REJECTED = {
  already_claimed: "already_opened",
  restoring: "restoring",
  not_ready: "not_ready",
  wrong_network: "wrong_network",
} as const;

const SWEEP_CODES: Readonly<Record<string, Refused["code"] | undefined>> = {
  unknown_gift: "gone",
  packet_busy: "already_opened",
  gift_below_fee: "gift_below_fee",
  not_ready: "not_ready",
};
