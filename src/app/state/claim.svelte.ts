import type { ClientApi } from "../../api/client-api.ts";
import type { ClaimView, LinkView, OpenLinkCode, OpeningView } from "../../api/packets.ts";
import type { HistoryRow } from "../../api/views.ts";
import type { Amount } from "../../core/values/amount.ts";
import { type PacketLink, parsePacketFragment } from "../../core/values/packet-link.ts";
import type { Problem } from "./problem.ts";
import { ReceivedPicture } from "./received-picture.svelte.ts";
import type { Session } from "./session.svelte.ts";

/** The parts of a window that are needed. */
export type ClaimWindow = Pick<Window, "location" | "history">;

/** Why nothing was opened. `refused`: the claim lapsed on its way · `no_link`: nothing stands behind the `#`. */
export type ClaimProblem = OpenLinkCode | Problem | "refused" | "no_link";

/** What is being done, as it is. */
export type ClaimStep = "finding" | "trying" | "claiming" | "settling";

/** What a person sees. */
export type ClaimSight =
  | { readonly type: "sealed" }
  | { readonly type: "locked" }
  | { readonly type: "opening"; readonly step: ClaimStep }
  | {
      readonly type: "won";
      readonly amount: Amount;
      /** As in `ClaimView`; of a gift there is none. */
      readonly rank: number | undefined;
      readonly count: number;
    }
  | { readonly type: "problem"; readonly problem: ClaimProblem };

const LOOK_EVERY_MS = 200;
/** From then on the page says that it takes longer than usual. */
const SLOW_MS = 5_000;

/**
 * The claim page. It takes the link from the address, asks nobody anything before a person taps, and then opens the packet
 * for the wallet of this browser, which is made where there is none. What stands behind `#` is a secret: it stays in the
 * address until the claim is stored, since people take an address from one browser to another, and is handed to the client
 * and to nobody else. From then on the entry of the history names the claim, and a reload goes on with it.
 */
export class ClaimState {
  password = $state("");
  isPasswordMissing = $state.raw(false);
  /** What the link leads to, once the chain has been asked. */
  seen = $state.raw<LinkView>();
  opening = $state.raw<OpeningView>();
  claim = $state.raw<ClaimView>();
  /** It had been opened before the tap. */
  isAgain = $state.raw(false);
  isSlow = $state.raw(false);
  /** What goes with it, as soon as it is known that something does: never before a tap. */
  picture = $state.raw<ReceivedPicture>();
  readonly session: Session;
  /** What the address says; undefined where it names no packet. */
  readonly link: PacketLink | undefined;
  #phase = $state.raw<"sealed" | "opening" | "problem">("sealed");
  #problem = $state.raw<ClaimProblem>();
  #gift = $state.raw<HistoryRow>();
  /** Of the claim that is followed. */
  #id = $state.raw<string>();
  #isLocked = false;
  #wasLive = false;
  #slowTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #fragment: string;
  readonly #window: ClaimWindow;

  constructor(window: ClaimWindow, session: Session) {
    this.session = session;
    this.#window = window;
    this.#fragment = window.location.hash.slice(1);
    if (this.#fragment === "") {
      this.#id = readKept(window.history.state);
      if (this.#id === undefined) this.#fail("no_link");
      return;
    }
    const parsed = parsePacketFragment(this.#fragment);
    if (parsed.ok) this.link = parsed.link;
    else this.#fail(parsed.code);
  }

  readonly sight: ClaimSight = $derived.by(() => {
    if (this.#phase === "sealed") return { type: "sealed" };
    if (this.#phase === "problem") return { type: "problem", problem: this.#problem ?? "failed" };
    const ended = this.#end();
    if (ended !== undefined) return ended;
    const { phase, problem } = this.session;
    if (phase === "stopped") return { type: "problem", problem: problem ?? "start_failed" };
    return phase === "locked" ? { type: "locked" } : { type: "opening", step: this.#step };
  });

  /** From the sender: text that a stranger wrote. */
  readonly greeting = $derived(this.claim?.greeting ?? this.seen?.greeting);

  /** Whether one more tap may do. What has lapsed is opened anew by its link, which a reload does not have any more. */
  get canRetry(): boolean {
    return this.#fragment !== "" || (this.#id !== undefined && !this.#isLapsed);
  }

  /** The whole link, for another browser; undefined where this page has it no more. */
  get address(): string | undefined {
    return this.#fragment === "" ? undefined : `${this.#place()}#${this.#fragment}`;
  }

  /** A page that was loaded again in the middle goes on: what it had asked for is stored. */
  resume(): Promise<void> {
    if (this.#id === undefined) return Promise.resolve();
    return this.#start();
  }

  /** A person's tap, and nothing else: scanners of links run scripts, and some press what they find. */
  open(event: Pick<Event, "isTrusted">): Promise<void> {
    if (!event.isTrusted || this.sight.type === "opening" || !this.canRetry) return Promise.resolve();
    this.isPasswordMissing = this.link?.hasPassword === true && this.#id === undefined && this.password === "";
    if (this.isPasswordMissing) return Promise.resolve();
    if (this.#isLapsed) this.#id = this.claim = this.#gift = undefined;
    return this.#start();
  }

  /** There may be a connection now. Whoever has tapped without one need not tap again. */
  goOnline(): void {
    if (this.#phase !== "problem" || this.#problem !== "offline" || !this.canRetry) return;
    // Browsers remember of a worker what it could not load: one that has not come through starts anew.
    void this.#start(this.session.sync?.state !== "live");
  }

  /** The session has changed. */
  heed(): void {
    const isLive = this.session.sync?.state === "live";
    const wasLive = this.#wasLive;
    this.#wasLive = isLive;
    if (isLive && !wasLive) this.goOnline();
    if (this.#phase !== "opening" || this.session.phase !== "ready") return;
    if (this.#isLocked) {
      this.#isLocked = false;
      this.#waitFromNow();
      void this.#goOn();
    } else if (this.#id !== undefined) {
      void this.#look();
    }
  }

  get #isLapsed(): boolean {
    const end = this.#end();
    return end?.type === "problem" && end.problem === "refused";
  }

  get #step(): ClaimStep {
    if (this.#id !== undefined) return "settling";
    const { opening } = this;
    if (opening?.step === "trying") return "trying";
    return opening?.step === "signing" || opening?.link !== undefined ? "claiming" : "finding";
  }

  /** What has become of it, once that is certain. */
  #end(): ClaimSight | undefined {
    if (this.claim !== undefined) return endOf(this.claim);
    const gift = this.#gift;
    if (gift?.state === "final") return { type: "won", amount: gift.amount, rank: undefined, count: 1 };
    if (gift?.state !== "failed") return undefined;
    // In time, and its coin was taken by somebody else; or too late, and it may lie there still.
    return { type: "problem", problem: gift.failure === "expired" ? "refused" : "gone" };
  }

  async #start(isAnew = false): Promise<void> {
    this.#phase = "opening";
    this.#problem = undefined;
    this.#waitFromNow();
    if (isAnew || this.session.phase !== "ready") await this.session.start({ isHurried: true });
    await this.#goOn();
  }

  #waitFromNow(): void {
    this.isSlow = false;
    clearTimeout(this.#slowTimer);
    this.#slowTimer = setTimeout(() => (this.isSlow = true), SLOW_MS);
  }

  async #goOn(): Promise<void> {
    const { session } = this;
    const isReady = (): boolean => session.phase === "ready";
    this.#isLocked = session.phase === "locked";
    if (!isReady()) return;
    // While a wallet is made, which nobody is told.
    if (this.#id === undefined) void session.client.packets.prepare().catch(() => undefined);
    if (session.wallet?.exists !== true) {
      if (this.#id !== undefined) {
        this.#fail("no_link");
        return;
      }
      // Stored and read back before it answers.
      await session.create();
      if (!isReady()) return;
    }
    if (this.#id === undefined) await this.#openLink();
    else await this.#look();
  }

  async #openLink(): Promise<void> {
    const { packets } = this.session.client;
    let isOver = false;
    void this.#watch(packets, () => isOver);
    try {
      const result = await packets.open(this.#fragment, this.password);
      this.isAgain = !result.ok && result.id !== undefined;
      if (result.id !== undefined) this.#keep(result.id);
      else if (!result.ok) this.#fail(result.code);
    } catch {
      // Unless the session has stopped, for a reason of its own.
      if (this.session.phase === "ready") this.#fail("failed");
    }
    isOver = true;
    this.opening = undefined;
    if (this.#id !== undefined) await this.#look();
  }

  async #watch(packets: Pick<ClientApi["packets"], "opening">, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const opening = await packets.opening().catch(() => undefined);
      if (isOver()) return;
      this.opening = opening;
      this.seen = opening?.link ?? this.seen;
      this.#lookAtPicture();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** The claim is stored: from here on the address names nothing any more. */
  #keep(id: string): void {
    this.#id = id;
    this.password = "";
    this.#window.history.replaceState({ packet: id }, "", this.#place());
  }

  /** Whole: a path that begins with two slashes would name another host. */
  #place(): string {
    const { origin, pathname, search } = this.#window.location;
    return origin + pathname + search;
  }

  async #look(): Promise<void> {
    const { session } = this;
    try {
      const claims = await session.client.packets.claims();
      this.claim = claims.find(({ id }) => id === this.#id) ?? this.claim;
    } catch {
      // The session has stopped, and says why.
    }
    if (this.#id !== undefined) this.#gift = session.payment(this.#id) ?? this.#gift;
    this.#lookAtPicture();
  }

  #lookAtPicture(): void {
    const hasPicture = this.claim?.hasPicture ?? this.seen?.hasPicture ?? false;
    if (!hasPicture || this.picture !== undefined) return;
    const { session } = this;
    this.picture = new ReceivedPicture(async () => session.client.packets.picture(this.#id ?? this.#fragment));
    void this.picture.fetch();
  }

  #fail(problem: ClaimProblem): void {
    this.#phase = "problem";
    this.#problem = problem;
  }
}

/** What an entry of the history says, whoever wrote it. */
function readKept(state: unknown): string | undefined {
  const kept = typeof state === "object" && state !== null && "packet" in state ? state.packet : undefined;
  return typeof kept === "string" ? kept : undefined;
}

function endOf({ state, amount, rank, count }: ClaimView): ClaimSight | undefined {
  switch (state) {
    case "sending":
    case "drawing":
      return undefined;
    case "won":
      return amount === undefined ? undefined : { type: "won", amount, rank, count };
    case "empty":
      return { type: "problem", problem: "gone" };
    case "expired":
    case "refused":
      return { type: "problem", problem: state };
    default:
      return state satisfies never;
  }
}
