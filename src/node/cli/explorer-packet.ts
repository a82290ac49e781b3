import { formatHex } from "../../core/bytes/hex.ts";
import { blockId } from "../../core/chain/header.ts";
import { openBackend } from "../../core/crypto/backend/open-backend.ts";
import type { PacketCore } from "../../core/chain/packet-output.ts";
import { tryOdds } from "../../core/red-packet/packet-try.ts";
import {
  replayPacket,
  type LifeCheck,
  type OpenedSlot,
  type PacketReplay,
} from "../../core/red-packet/replay-packet.ts";
import { DRAW_DELAY_BLOCKS } from "../../core/state/draw-packets.ts";
import { judgeSigners, type SignerFault } from "../../core/sync/judge-signers.ts";
import { leafIndex, LEAF_INDEX_LIMIT, type LeafIndex } from "../../core/values/height.ts";
import { createBlstBls } from "../crypto/blst-bls.ts";
import { CompiledKernels } from "../crypto/compiled-kernels.ts";
import { Refusal } from "../refusal.ts";
import { UsageError, type Arguments } from "./arguments.ts";
import { askNode, RPC_OPTION } from "./ask-node.ts";
import { askTrusted, CHECKPOINT_OPTION, fieldsOf, givenCheckpoint, NODES_WORD, type Fields } from "./ask-trusted.ts";
import type { CommandLeaf, CommandOutput } from "./command.ts";
import { printableJson } from "./printable.ts";
import { readPacketHistory, type ShownHistory } from "./read-packet-history.ts";

/** `stegos explorer packet`: what everybody may see of a red packet, and with `--verify` a recheck of all its draws (9.6). */
export const explorerPacket: CommandLeaf = {
  name: "packet",
  summary: "What is public of a red packet; --verify rechecks its shares and draws here.",
  words: ["LEAF"],
  options: [
    RPC_OPTION,
    { name: "verify", help: "recheck that its shares were fixed before the first claim and drawn by the beacon" },
    CHECKPOINT_OPTION,
  ],
  async run(args, output) {
    const leaf = leafOf(args.words[0]!);
    if (!args.has("verify")) {
      if (args.text("checkpoint") !== undefined) throw new UsageError("--checkpoint goes with --verify");
      print(args, output, publicFields(fieldsOf(await askNode(args, "packet", { leaf }))));
      return;
    }
    await verify(args, output, leaf);
  },
};

function leafOf(text: string): LeafIndex {
  const number = /^\d{1,13}$/.test(text) ? Number(text) : NaN;
  if (!(number < LEAF_INDEX_LIMIT)) throw new UsageError("LEAF must be the number of an output");
  return leafIndex(number);
}

/** Without the bytes that only a recheck needs. */
function publicFields({ packet: _packet, shares, ...fields }: Fields): Fields {
  const count = Array.isArray(shares) ? shares.length : 0;
  const { claimed, pow_bits: bits } = fields;
  return {
    ...fields,
    shares: count,
    ...(typeof claimed === "number" ? { left: Math.max(0, count - claimed) } : {}),
    ...(typeof bits === "number" ? { odds: tryOdds(bits) } : {}),
  };
}

async function verify(args: Arguments, output: CommandOutput, leaf: LeafIndex): Promise<void> {
  const given = givenCheckpoint(args);
  const shown = await readPacketHistory(args, leaf);
  const [made, ...blocks] = shown.blocks;
  const trusted = await askTrusted(args, given);
  const bls = createBlstBls();
  const faults = shown.blocks.map((block) => judgeSigners(bls, trusted, block, shown.sets));
  const fault = faults.find((each) => each !== undefined);
  if (made === undefined) throw new Refusal("no_longer_held", "the node shows no block that made this packet");
  const curve = await openBackend(new CompiledKernels().source);
  const history = { packet: shown.packet, packetLeaf: leaf, made, blocks, link: undefined };
  const replay = replayPacket(curve, bls, history);
  const from = { height: trusted.header.height, hash: formatHex(trusted.blockId), is_given: given !== undefined };
  const checks = [{ check: "headers_certified" as const, held: fault === undefined }, ...toTell(replay)];
  if (args.has("json")) {
    const opened = replay.opened.map(openedJson);
    const told = checks.map(({ check, held }) => ({ check, held: held ?? null }));
    const fields = { ...publicFields(shown.fields), ...stateFields(replay, shown.packet.core), opened };
    output.out(printableJson({ ...fields, checks: told, rechecked_from: from }));
  } else for (const each of checks) output.out(line(each, shown, replay));
  if (given === undefined) output.note(NODES_WORD);
  refuseFaults(checks, fault);
}

type Check = { readonly check: LifeCheck | "headers_certified"; readonly held: boolean | undefined };

/** What only holders of a link can tell is no matter of this command. */
const BY_LINK: readonly LifeCheck[] = ["link_fits", "shares_open", "split_as_promised"];

function toTell({ checks }: PacketReplay): readonly Check[] {
  return checks.filter(({ check }) => !BY_LINK.includes(check));
}

function openedJson({ slot, claimedAt, claim }: OpenedSlot): Fields {
  return {
    slot,
    claimed_at: claimedAt,
    drawn_at: claimedAt + DRAW_DELAY_BLOCKS,
    one_time_key: formatHex(claim.oneTimeKey),
  };
}

/** The node's word on where the packet stands gives way to what its blocks say. */
function stateFields({ state, opened, returned }: PacketReplay, { shares }: PacketCore): Fields {
  const left = state === undefined ? 0 : shares.length - state.used.length;
  return { live: state !== undefined, left, opened_count: opened.length, returned: returned ?? 0 };
}

function line({ check, held }: Check, shown: ShownHistory, replay: PacketReplay): string {
  const word = held === undefined ? "unknown" : held ? "ok" : "WRONG";
  return `${word.padEnd(7)} ${check.padEnd(17)} ${WORDS[check](shown, replay)}`;
}

type Words = (shown: ShownHistory, replay: PacketReplay) => string;

const madeBlock = ({ blocks }: ShownHistory): string => {
  const [made] = blocks;
  return made === undefined ? "no block" : `block ${made.header.height} ${formatHex(blockId(made.header))}`;
};
const shareCount = ({ packet }: ShownHistory): string => `${packet.core.shares.length} shares`;
const drawCount = ({ opened }: PacketReplay): string =>
  `${opened.length} opened in ${new Set(opened.map(({ claimedAt }) => claimedAt)).size} draws`;

/** One line for each check: what it rests on. */
const WORDS: Readonly<Record<Check["check"], Words>> = {
  headers_certified: ({ blocks, sets }) => `${blocks.length} headers, each signed by one of ${sets.length} shown sets`,
  packet_made: (shown) => `${shareCount(shown)} fixed in ${madeBlock(shown)}`,
  shares_in_range: (shown) => `one proof over ${shareCount(shown)}: no share is negative`,
  link_fits: () => "the link opens this packet",
  shares_open: () => "every share opens by the link",
  split_as_promised: () => "the shares are those of the link",
  packet_included: (shown, { opened }) => {
    const first = Math.min(...opened.map(({ claimedAt }) => claimedAt));
    return `made in block ${shown.blocks[0]!.header.height}, first claim in block ${first}`;
  },
  claims_included: (_, replay) => `${drawCount(replay)}: each claim is among the transactions of its block`,
  claims_authorised: () => "each claim is signed by the packet's key and by its own",
  beacon_follows: () => "each drawing block's beacon follows from the one before",
  beacon_signed: () => "and was signed by the validator whose block it is",
  slots_as_drawn: (_, { opened }) =>
    `slots ${opened.map(({ slot, claimedAt }) => `${slot} in ${claimedAt + DRAW_DELAY_BLOCKS}`).join(", ")}`,
  state_after: () => "each draw left the packet as the chain says",
  history_whole: (shown, replay) => {
    const last = shown.blocks.at(-1)!.header.height;
    const stands = replay.state === undefined ? "over" : "still there";
    return `every claim and draw up to block ${last} follows from those before; it is ${stands}`;
  },
  rest_returned: (_, { returned = 0 }) => `${returned} shares went back in one coin of exactly their sum`,
};

/** The first fault decides the code; the line names all checks that have one. */
function refuseFaults(checks: readonly Check[], fault: SignerFault | undefined): void {
  const wrong = checks.filter(({ held }) => held === false).map(({ check }) => check);
  const [first] = wrong;
  if (first === undefined) return;
  const code = fault ?? first;
  throw new Refusal(`packet_${code}`, `a packet that does not stand up to a recheck: ${wrong.join(", ")}`);
}

function print(args: Arguments, output: CommandOutput, fields: Fields): void {
  output.out(printableJson(fields, args.has("json") ? undefined : 2));
}
