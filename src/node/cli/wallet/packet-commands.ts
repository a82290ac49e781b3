import type { ClaimView, MadePacketView, OpenLinkCode, ProposePacketResult } from "../../../api/packets.ts";
import { PACKET_POW_BITS_MAX } from "../../../core/chain/packet-output.ts";
import { PACKET_SLOTS_MAX } from "../../../core/params/limits.ts";
import { amount, formatAmount, type Amount } from "../../../core/values/amount.ts";
import type { LeafIndex } from "../../../core/values/height.ts";
import { PACKET_LINK_LENGTH_MAX, PACKET_PATH, parsePacketFragment } from "../../../core/values/packet-link.ts";
import { Refusal } from "../../refusal.ts";
import { UsageError, type Arguments } from "../arguments.ts";
import { printable, printableJson } from "../printable.ts";
import { amountOf, confirmed, FINAL, proposeRefusal, reached, requireSeed } from "./pay-commands.ts";
import { withWallet } from "./wallet-folder.ts";
import { networkFileUrl } from "./wallet-options.ts";
import type { WalletContext, WalletSession } from "./wallet-session.ts";

const NO_SPENDING = "a wallet that only sees makes and opens no packets";
const MINUTE_MS = 60_000;
const MINUTES_MAX = 366 * 24 * 60;
const MADE_ID = /^[0-9a-f]{32}$/;
/** A message with the link in it. */
const INPUT_MAX = 4 * PACKET_LINK_LENGTH_MAX;
const ON_ITS_WAY: readonly ClaimView["state"][] = ["sending", "drawing"];

/** `wallet packet`: makes a red packet, or with `--gift` a gift for one person, and prints its link. */
export function packet(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const total = amountOf(args);
  const count = args.whole("shares", 1, PACKET_SLOTS_MAX);
  const minutes = args.whole("minutes", 1, MINUTES_MAX);
  if (args.has("gift") === (count !== undefined)) throw new UsageError("one of --shares and --gift is needed");
  return withWallet(context, async (session) => {
    requireSeed(session, NO_SPENDING);
    await session.synced();
    const { packets } = session.client;
    const before = new Set((await packets.made()).map(({ id }) => id));
    const proposed =
      count === undefined
        ? await packets.proposeGift(total)
        : await packets.propose({
            kind: args.has("equal") ? "equal" : "lucky",
            total,
            count,
            lifeMs: minutes && minutes * MINUTE_MS,
            greeting: args.text("greeting") ?? "",
            password: args.text("password") ?? "",
            workBits: args.whole("work", 1, PACKET_POW_BITS_MAX),
            picture: undefined,
          });
    const { txid, fee } = await done(session, proposed);
    const made = await session.until(
      async () => (await packets.made()).find(({ id, state }) => state === "live" && !before.has(id)),
      () => Promise.resolve(new Refusal("pending", `payment ${txid} is stored; see: stegos wallet packets`)),
    );
    const link = (await linkTo(session, args, made.id))!;
    const leaf = leafOf(link);
    output.note(`packed ${formatAmount(total)} STG, fee ${formatAmount(fee)} STG; its number on the ledger is ${leaf}`);
    output.note("whoever has this link can open it:");
    output.out(args.has("json") ? JSON.stringify({ id: made.id, leaf, txid, link, fee: fee.toString() }) : link);
  });
}

/** `wallet packets`: those made and those opened, newest first. */
export function packets(context: WalletContext): Promise<void> {
  const { args, output } = context;
  return withWallet(context, async (session) => {
    await session.synced();
    const { client } = session;
    for (const view of await client.packets.made()) {
      const link = view.state === "live" ? await linkTo(session, args, view.id) : undefined;
      output.out(args.has("json") ? printableJson(madeObject(view, link)) : madeLine(view));
    }
    for (const view of await client.packets.claims())
      output.out(args.has("json") ? printableJson(claimObject(view)) : claimLine(view));
  });
}

/** `wallet open`: opens a packet, or takes a gift, by the link on the standard input. */
export async function open(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const link = await readLink(context);
  await withWallet(context, async (session) => {
    requireSeed(session, NO_SPENDING);
    await session.synced();
    const { client } = session;
    const opened = await session.inTime(client.packets.open(link, args.text("password") ?? ""));
    if (!opened.ok) throw new Refusal(opened.code, OPEN_REFUSED[opened.code]);
    const isClaim = (await client.packets.claims()).some(({ id }) => id === opened.id);
    if (!isClaim) {
      const state = await reached(session, opened.id, FINAL);
      output.out(args.has("json") ? JSON.stringify({ txid: opened.id, state }) : opened.id);
      return;
    }
    const claim = await settled(session, opened.id);
    output.out(args.has("json") ? printableJson(claimObject(claim)) : claimLine(claim));
  });
}

/** `wallet take-back ID`: what nobody has opened yet. */
export function takeBack(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const id = args.words[0]!;
  if (!MADE_ID.test(id)) throw new UsageError("a packet is named by the id that `packets` shows");
  return withWallet(context, async (session) => {
    requireSeed(session, NO_SPENDING);
    await session.synced();
    const { txid, fee } = await done(session, await session.client.packets.proposeBack(id));
    const back = (await session.client.packets.made()).find((each) => each.id === id)?.back ?? amount(0n);
    output.note(`${formatAmount(back)} STG are back, fee ${formatAmount(fee)} STG`);
    output.out(args.has("json") ? JSON.stringify({ txid, back: back.toString(), fee: fee.toString() }) : txid);
  });
}

/** A secret: other users of this machine see what stands in a command. */
async function readLink({ platform: { terminal } }: WalletContext): Promise<string> {
  const text = terminal.isInteractive ? await terminal.ask("link: ") : await terminal.readInput(INPUT_MAX);
  if (text === undefined) throw new Refusal("too_long", OPEN_REFUSED.too_long);
  return text.trim();
}

async function linkTo({ client }: WalletSession, args: Arguments, id: string): Promise<string | undefined> {
  const fragment = await client.packets.fragment(id);
  return fragment === undefined ? undefined : networkFileUrl(args).origin + PACKET_PATH + fragment;
}

/** By which `stegos explorer packet` knows it. */
function leafOf(link: string): LeafIndex {
  const parsed = parsePacketFragment(link.slice(link.indexOf("#") + 1));
  if (!parsed.ok) throw new Error(`a link of our own: ${parsed.code}`);
  return parsed.link.leaf;
}

async function done(
  session: WalletSession,
  proposed: ProposePacketResult,
): Promise<{ readonly txid: string; readonly fee: Amount }> {
  if (!proposed.ok) throw packetRefusal(proposed);
  const { proposalId, fee } = proposed.proposal;
  const txid = await confirmed(session, proposalId);
  await reached(session, txid, FINAL);
  return { txid, fee };
}

function settled(session: WalletSession, id: string): Promise<ClaimView> {
  return session.until(
    async () => {
      const claim = (await session.client.packets.claims()).find((each) => each.id === id);
      return claim === undefined || ON_ITS_WAY.includes(claim.state) ? undefined : claim;
    },
    () => Promise.resolve(new Refusal("pending", "the claim is stored, and goes on with the next command")),
  );
}

const told = (greeting: string | undefined): string =>
  greeting === undefined ? "" : `, ${JSON.stringify(printable(greeting))}`;

function madeLine({ id, kind, state, amount: value, count, back, greeting }: MadePacketView): string {
  const shares = count === undefined ? "" : ` in ${count} shares`;
  const returned = back === 0n ? "" : `, ${formatAmount(back)} STG came back`;
  return `${id}: ${kind} of ${formatAmount(value)} STG${shares}, ${state}${returned}${told(greeting)}`;
}

function madeObject(view: MadePacketView, link: string | undefined): object {
  const { id, kind, state, count, expiryMs, greeting, hasPassword, timeMs } = view;
  const sums = { amount: view.amount.toString(), back: view.back.toString() };
  const texts = { greeting: greeting ?? null, has_password: hasPassword, link: link ?? null };
  return { id, kind, state, ...sums, shares: count ?? null, expiry_ms: expiryMs ?? null, ...texts, time_ms: timeMs };
}

function claimLine({ id, state, amount: value, rank, count, greeting }: ClaimView): string {
  const won = value === undefined ? "" : ` ${formatAmount(value)} STG`;
  const place = rank === undefined ? "" : `, luck ${rank} of ${count}`;
  return `${id}: ${state}${won}${place}${told(greeting)}`;
}

function claimObject({ id, state, amount: value, rank, count, greeting, timeMs }: ClaimView): object {
  const luck = { rank: rank ?? null, shares: count };
  return { id, state, amount: value?.toString() ?? null, ...luck, greeting: greeting ?? null, time_ms: timeMs };
}

type Refused = Extract<ProposePacketResult, { readonly ok: false }>;
type PacketCode = Exclude<Refused["code"], Parameters<typeof proposeRefusal>[0]["code"]>;

function packetRefusal(result: Refused): Refusal {
  switch (result.code) {
    case "insufficient_funds":
    case "funds_busy":
    case "not_ready":
    case "address_invalid":
    case "amount_zero":
    case "memo_too_long":
      return proposeRefusal(result);
    default:
      return new Refusal(result.code, PACKET_REFUSED[result.code]);
  }
}

const PACKET_REFUSED: Readonly<Record<PacketCode, string>> = {
  share_count: `a packet has 1 to ${PACKET_SLOTS_MAX} shares`,
  share_empty: "nobody is given nothing",
  total_too_small: "this is too little for so many",
  total_too_large: "this is more than there is",
  gate_unfit: `--work takes 1 to ${PACKET_POW_BITS_MAX} bits`,
  expiry_too_soon: "a packet that ends so soon would be over before anybody has it",
  expiry_too_late: "no packet lives so long",
  greeting_too_long: "a greeting has room for 102 bytes",
  password_too_long: "a password has 128 bytes at most",
  picture_too_large: "a picture has 256 KiB at most",
  unknown_packet: "this wallet has no such packet any more",
  packet_busy: "it is on its way back already",
  gift_below_fee: "whoever opens it pays the fee out of it: this is too little",
};

const OPEN_REFUSED: Readonly<Record<OpenLinkCode, string>> = {
  malformed: "this is no whole link to a red packet",
  too_long: "this is longer than any link",
  newer_version: "this link needs a newer version of this program",
  wrong_network: "this link is of another network",
  not_ready: "the chain is not known yet",
  offline: "no node could be asked",
  checkpoint_too_old: "what this wallet trusts is too old; see: stegos wallet checkpoint --enter",
  fork: "the wallet has stopped over a fork",
  no_wallet: NO_SPENDING,
  wrong_password: "the password is wrong",
  gone: "all of it was opened, or it was taken back",
  expired: "it has expired",
  not_for_you: "it is for the members of a group",
  not_this_time: "not this time; try again",
  already_opened: "this wallet has opened it before; see: stegos wallet packets",
  restoring: "the wallet is still being restored; try again in a while",
  gift_below_fee: "the gift is less than the fee of taking it",
  failed: "it could not be opened; nothing was sent; try again",
};
