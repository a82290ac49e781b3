import { equalBytes } from "../bytes/compare-bytes.ts";
import type { ScanEntry } from "../chain/compact-block.ts";
import { outputHash, type OutputCore } from "../chain/output.ts";
import type { CurveBackend } from "../crypto/backend/curve-backend.ts";
import type { StakeState } from "../state/leaf-state.ts";
import { leafIndex, type Height, type LeafIndex, type TimeMs } from "../values/height.ts";
import { openGift } from "./gift-note.ts";
import type { ScanKeys } from "./keys.ts";
import type { Note } from "./note.ts";
import { isInternalOnly, isMadeForUs, openOutput } from "./open-output.ts";
import { lacksPacket, type KnownPackets } from "./open-packet.ts";
import type { OpenedNote } from "./opened-note.ts";
import { openMemo } from "./payload.ts";
import type { WantedPacket } from "./restore-packets.ts";
import { scanGifts, type GiftSearch } from "./scan-gifts.ts";
import { scanOutputs, type PayloadHit, type ScanHit } from "./scan-hits.ts";
import { isStakeNote, withState } from "./stake-state.ts";
import { ADDRESS_LOOKAHEAD, SubaddressTable, type SubaddressCache } from "./subaddress-table.ts";

/** What a full stream brings of one output. */
export interface ScanOutput {
  readonly core: OutputCore;
  /** 512 bytes where the output has a payload and the node still kept it. */
  readonly payload: Uint8Array | undefined;
  /** Of a stake that is read in a later state than that of its making. */
  readonly stakeState?: StakeState | undefined;
}

/** One verified block as a scanner needs it. */
export interface ScanBlock {
  readonly height: Height;
  readonly timeMs: TimeMs;
  /** The time is that of a later block: what is found came then or before. */
  readonly isTimeBound?: boolean;
  readonly firstLeaf: LeafIndex;
  readonly entries: readonly ScanEntry[];
  /** Core and payload of every entry, checked against its out_hash; undefined for those that were not asked for. */
  readonly outputs: readonly (ScanOutput | undefined)[];
}

/** Work for a crypto worker: plain data, to be cloned. The edge adds the view keys for this one job. */
export interface ScanJob {
  readonly account: number;
  /** Subaddresses to know in the first block; what is found there moves the end for the next ones (AD-7). */
  readonly addressCount: number;
  /**
   * While a restore runs: how far to look for the address of an output that was certainly made for us. The coins that
   * would have told of the addresses in between may be spent and gone.
   */
  readonly addressCountMax?: number;
  /** Packets of ours and those that we claim from. Without it only unguarded packets give up what they drew for us. */
  readonly packets?: KnownPackets;
  /** Without it no gift of ours is looked for. */
  readonly gifts?: GiftSearch;
  readonly blocks: readonly ScanBlock[];
}

export interface ScanResult {
  /** Ascending by leaf. */
  readonly notes: readonly Note[];
  /** Coins that only the core of their packet can open; absent where there is none. */
  readonly wanted?: readonly WantedPacket[];
}

const ADDRESSES_FIRST = 4;

/** The whole of 2.3 over some blocks. Whatever does not fit is not ours, silently (OU-10). */
export function scanBlocks(curve: CurveBackend, keys: ScanKeys, job: ScanJob, cache?: SubaddressCache): ScanResult {
  const places = job.blocks.flatMap((block) => block.entries.map((entry, index) => ({ block, entry, index })));
  const hits = scanOutputs(
    curve,
    keys,
    places.map((place) => place.entry),
    (place) => {
      const { block, index } = places[place]!;
      const output = block.outputs[index];
      // Nothing is opened without its core.
      return output === undefined || isInternalOnly(output.core);
    },
  );
  if (hits.coins.length === 0 && job.gifts !== "everywhere") return { notes: [] };
  const addresses = new SubaddressTable(curve, cache);
  const notes = new Map<number, Note>();
  let { addressCount } = job;
  const packets = new Map(job.packets);
  const wanted: WantedPacket[] = [];
  // In the order of the chain: whoever was paid at the last known address may show further ones from then on, and a
  // restore finds both coins in one job.
  for (const hit of hits.coins) {
    const { block, index } = places[hit.index]!;
    const output = block.outputs[index];
    if (output === undefined || notes.has(hit.index)) continue;
    // Most coins come to a low subaddress, and a large table takes longer than everything else here.
    const few = isInternalOnly(output.core) ? 1 : ADDRESSES_FIRST;
    addresses.extend(job.account, keys, Math.min(few, addressCount));
    const opened = openAmong(curve, addresses, keys, { ...job, addressCount, packets }, output.core, hit);
    if (opened === undefined) {
      const { core } = output;
      const leaf = leafIndex(block.firstLeaf + index);
      if (core.type === "drawn" && lacksPacket(curve, core, hit)) {
        const { packetLeaf } = core;
        const packet = packets.get(packetLeaf);
        wanted.push({ leaf, packetLeaf, ...(packet === undefined ? {} : { tried: outputHash(packet) }) });
      }
      continue;
    }
    addressCount = Math.max(addressCount, opened.addressIndex + 1 + ADDRESS_LOOKAHEAD);
    const note = placed(opened, block, index);
    const { stakeState } = output;
    notes.set(hit.index, stakeState !== undefined && isStakeNote(note) ? withState(note, stakeState) : note);
    // A refund may stand in the block of its packet's last hour, and be read together with it.
    if (note.packet?.type === "packet") packets.set(note.leaf, note.packet.core);
  }
  addGifts(curve, keys, job, places, notes);
  addMemos(curve, addresses, places, hits.payloads, notes);
  const found = { notes: [...notes.values()].sort((left, right) => left.leaf - right.leaf) };
  return wanted.length === 0 ? found : { ...found, wanted };
}

/** Opens an output with as few addresses as will do. */
function openAmong(
  curve: CurveBackend,
  addresses: SubaddressTable,
  keys: ScanKeys,
  job: Pick<ScanJob, "account" | "addressCount" | "addressCountMax" | "packets">,
  core: OutputCore,
  hit: ScanHit,
): OpenedNote | undefined {
  const { account, addressCount, addressCountMax, packets } = job;
  const opened = openOutput(curve, addresses, core, hit, packets);
  if (opened !== undefined) return opened;
  // Ours are under the first address.
  if (isInternalOnly(core)) return undefined;
  const isOurs = isMadeForUs(curve, core, hit);
  // A coin that was not made for us comes to none of our addresses, however many we look through.
  if (!isOurs && core.type === "coin") return undefined;
  const isDeep = addressCountMax !== undefined && isOurs;
  const end = isDeep ? Math.max(addressCount, addressCountMax) : addressCount;
  while (addresses.count(account) < end) {
    addresses.extend(account, keys, Math.min(end, Math.max(addressCount, 2 * addresses.count(account))));
    const found = openOutput(curve, addresses, core, hit);
    if (found !== undefined) return found;
  }
  return undefined;
}

function placed(opened: OpenedNote, block: ScanBlock, index: number): Note {
  const leaf = leafIndex(block.firstLeaf + index);
  const place = { leaf, height: block.height, timeMs: block.timeMs };
  return { ...opened, ...place, ...(block.isTimeBound === true ? { isTimeBound: true } : {}) };
}

/** Gifts that we have made: they have keys of their own, and D in common with change of ours (OU-6). */
function addGifts(
  curve: CurveBackend,
  { viewAllSecret }: ScanKeys,
  { account, gifts }: ScanJob,
  places: readonly { readonly block: ScanBlock; readonly entry: ScanEntry; readonly index: number }[],
  notes: Map<number, Note>,
): void {
  if (gifts === undefined || viewAllSecret === undefined) return;
  const own = [...notes.values()].map(({ ephemeralKey }) => ephemeralKey);
  const outputs: { place: number; ephemeralKey: Uint8Array; viewTag: Uint8Array }[] = [];
  for (const [place, { entry }] of places.entries()) {
    const { ephemeralKey, viewTag } = entry;
    const isSought = gifts === "everywhere" || own.some((key) => equalBytes(key, ephemeralKey));
    if (isSought && !notes.has(place)) outputs.push({ place, ephemeralKey, viewTag });
  }
  if (outputs.length === 0) return;
  for (const { place, linkSecret } of scanGifts(curve, viewAllSecret, outputs)) {
    const { block, index } = places[place]!;
    const output = block.outputs[index];
    const opened = output && openGift(curve, linkSecret, output.core, { account, isOwn: true });
    if (opened !== undefined) notes.set(place, placed(opened, block, index));
  }
}

/** A memo belongs to the first coin that the same payment brought us, whatever output carries it (8.1). */
function addMemos(
  curve: CurveBackend,
  addresses: SubaddressTable,
  places: readonly { readonly block: ScanBlock; readonly index: number }[],
  hits: readonly PayloadHit[],
  notes: Map<number, Note>,
): void {
  for (const hit of hits) {
    const { block, index } = places[hit.index]!;
    const output = block.outputs[index];
    if (output?.core.type !== "coin" || output.payload === undefined) continue;
    const { core, payload } = output;
    const target = [...notes].find(
      ([, note]) =>
        !note.isInternal && note.height === block.height && equalBytes(note.ephemeralKey, core.ephemeralKey),
    );
    if (target === undefined || target[1].memo !== undefined) continue;
    const memo = openMemo(curve, addresses, core, hit.secret, hit.np, payload);
    if (memo !== undefined) notes.set(target[0], { ...target[1], memo: memo.text });
  }
}
