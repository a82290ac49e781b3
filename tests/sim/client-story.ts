import { formatHex } from "../../src/core/bytes/hex.ts";
import { viewBalance, viewHistory, viewSync } from "../../src/core/machines/light-client-views.ts";
import { buildClaim, makeClaimSeat, type ClaimTarget } from "../../src/core/wallet/build-claim.ts";
import type { KeptNote } from "../../src/core/wallet/note.ts";
import type { PacketClaim } from "../../src/core/wallet/packet-claim.ts";
import type { Payment } from "../../src/core/wallet/payment.ts";
import type { CutPlan } from "../support/cut-storage.ts";
import { LightClientWorld } from "../support/light-client-world.ts";
import { SeededNumbers } from "../support/seeded-numbers.ts";
import { seededRandom } from "../support/test-random.ts";
import { type EndOfLife, StoredDevice } from "../support/stored-device.ts";
import { curve, payee } from "../support/wallet-vectors.ts";

/** What a person wants paid: once, whatever happens to the device meanwhile. */
interface Wish {
  readonly micro: bigint;
  /** Unlike any other's. */
  readonly memo: string;
}

const TAP_MS = 2_000;
const TAPS_MAX = 12;
/** Longer than a payment waits for its next node; in it every payment ends. */
const REST_MS = 70_000;

/**
 * One person, one device and what happens to both. The script comes from the seed alone, so that it is the same
 * however often the device ends on the way; the person opens it again, looks, and goes on.
 */
export class ClientStory {
  readonly world: LightClientWorld;
  readonly device: StoredDevice;
  readonly numbers: SeededNumbers;
  readonly #wishes: Wish[] = [];
  readonly #targets: ClaimTarget[] = [];
  readonly #random = seededRandom("claims of a story");
  #taps = 0;

  constructor(seed: number, plan: CutPlan, end: EndOfLife) {
    this.world = new LightClientWorld(seed, 3, { trustingMs: 10_000_000, emptyBlockMs: 60_000 });
    this.numbers = new SeededNumbers(seed + 1_000_000);
    this.device = new StoredDevice(this.world, plan, end);
  }

  /** Time passes; a device that has ended is opened again before it does. */
  async pass(ms: number, blockEveryMs = 1_000): Promise<void> {
    await this.#wake();
    await this.world.runAround(this.device.hear, ms, blockEveryMs);
  }

  /** Asks for an address nobody has seen. */
  async wantAddress(): Promise<void> {
    await this.#wake();
    await this.device.send({ type: "fresh-address-wanted" });
  }

  /** Pays, as a person does: who does not find the payment in the history taps again. */
  async pay(micro: bigint): Promise<void> {
    const wish: Wish = { micro, memo: `wish ${this.#wishes.length}` };
    // Without coins for it nothing may have happened either: the books say so.
    if (await this.#grant(wish)) this.#wishes.push(wish);
  }

  async #grant(wish: Wish): Promise<boolean> {
    for (let tap = 0; tap < TAPS_MAX; tap++) {
      await this.#wake();
      if (await this.#tap(wish)) return true;
    }
    return false;
  }

  /** Opens a red packet, as a person does: who does not find a share, or a claim that is on its way, taps again. */
  async claim(target: ClaimTarget): Promise<void> {
    this.#targets.push(target);
    for (let tap = 0; tap < TAPS_MAX; tap++) {
      await this.#wake();
      if (this.#claims().some(({ packetLeaf }) => packetLeaf === target.packetLeaf)) return;
      // Signed anew for each tap: what was not stored has never left.
      const seat = makeClaimSeat(curve, this.#random, payee, target);
      const made = buildClaim(curve, this.#random, payee, target, seat, { mode: "open" });
      if (!made.ok) throw new Error(made.code);
      await this.device.send({ type: "claim-built", target, built: made.claim });
      await this.world.runAround(this.device.hear, 50);
    }
  }

  /** Lets everything come to an end: all nodes are there, nothing is cut any more. */
  async rest(): Promise<void> {
    this.device.endTrouble();
    for (const node of this.world.nodes) Object.assign(node, { isReachable: true, takesPayments: true });
    await this.pass(REST_MS, 5_000);
    // What failed because another device was faster is paid anew.
    for (const wish of this.#wishes) if (!this.#isMade(wish)) await this.#grant(wish);
    await this.pass(TAP_MS);
  }

  /** Everything that is wrong now, for a wallet that has seen all (or some) of its past. */
  async audit(knows: "everything" | "what-is-left"): Promise<readonly string[]> {
    const wrongs = [...this.device.wrongs];
    const { state } = this.device;
    const sync = viewSync(state, this.world.deviceMs);
    if (sync.state !== "live") wrongs.push(`not live: ${sync.state} ${sync.problem ?? ""}`);
    wrongs.push(...this.#auditCoins("in memory"), ...this.#auditPayments(), ...this.#auditHistory(knows));
    wrongs.push(...this.#auditClaims());
    const before = printWallet(this.device);
    await this.device.close();
    await this.device.open();
    wrongs.push(...this.#auditCoins("in storage"));
    if (printWallet(this.device) !== before) wrongs.push("what is stored is not what was shown");
    return wrongs;
  }

  async #wake(): Promise<void> {
    if (this.device.isAlive) return;
    // The chain does not wait for it.
    if (this.numbers.chance(0.3)) await this.world.runAround(this.device.hear, 3_000);
    await this.device.open();
  }

  /** True once the history shows the payment. */
  async #tap(wish: Wish): Promise<boolean> {
    const { device, world } = this;
    if (this.#isMade(wish)) return true;
    const proposal = world.propose(device.state, wish.micro, wish.memo);
    if (proposal === undefined) {
      await this.pass(TAP_MS);
      return false;
    }
    const proposalId = `tap ${this.#taps++}`;
    await device.send({ type: "payment-confirmed", proposalId, proposal });
    for (let waited = 0; waited < TAP_MS && device.isAlive; waited += 50) {
      if (device.stored.has(proposalId) || device.refused.has(proposalId)) break;
      await world.runAround(device.hear, 50);
    }
    await this.#wake();
    return this.#isMade(wish);
  }

  /** As the history says it. */
  #isMade({ memo }: Wish): boolean {
    return viewHistory(this.device.state).some((row) => {
      return row.direction === "out" && row.memo === memo && row.state !== "failed";
    });
  }

  #notes(): readonly KeptNote[] {
    return [...(this.device.state.durable.wallet?.notes.values() ?? [])];
  }

  #payments(): readonly Payment[] {
    return [...(this.device.state.durable.wallet?.payments.values() ?? [])];
  }

  #claims(): readonly PacketClaim[] {
    return [...(this.device.state.durable.wallet?.claims.values() ?? [])];
  }

  /** One claim on the chain for each packet that was opened, and its share. */
  #auditClaims(): readonly string[] {
    const wrongs: string[] = [];
    const claims = this.#claims();
    if (claims.length !== this.#targets.length)
      wrongs.push(`${claims.length} claims of ${this.#targets.length} packets`);
    for (const { packetLeaf, state, share } of claims) {
      if (state !== "drawn" || share === undefined) wrongs.push(`claim of ${packetLeaf} is ${state}`);
    }
    const known = claims.map(({ txid }) => formatHex(txid)).sort();
    if (known.join() !== [...this.world.minedClaims].sort().join())
      wrongs.push(`${this.world.minedClaims.length} claims on the chain, ${known.length} known`);
    return wrongs;
  }

  /** Each coin that the chain says is ours, exactly once, and no other. */
  #auditCoins(where: string): readonly string[] {
    const wrongs: string[] = [];
    const truth = this.world.truth();
    const held = this.#notes().filter(({ spent }) => spent === undefined);
    for (const { note } of held) {
      if (truth.get(note.leaf) !== note.amount)
        wrongs.push(`${where}: coin ${note.leaf} of ${note.amount} is not ours`);
    }
    const leaves = new Set(held.map(({ note }) => note.leaf as number));
    if (leaves.size !== held.length) wrongs.push(`${where}: a coin is there twice`);
    for (const [leaf, micro] of truth) if (!leaves.has(leaf)) wrongs.push(`${where}: coin ${leaf} of ${micro} is lost`);
    const total = [...truth.values()].reduce((sum, micro) => sum + micro, 0n);
    const balance = viewBalance(this.device.state);
    if (where === "in memory" && (balance?.total !== total || balance.usable !== total)) {
      wrongs.push(`balance ${balance?.total ?? "none"}, ${balance?.usable ?? "none"} usable, of ${total}`);
    }
    return wrongs;
  }

  /** Each wish is one payment on the chain; the same bytes each time, and none that the device would not know of. */
  #auditPayments(): readonly string[] {
    const wrongs: string[] = [];
    const payments = this.#payments();
    const made = payments.filter(({ state }) => state === "final");
    for (const { memo, micro } of this.#wishes) {
      const sums = made.filter((payment) => payment.memo === memo).map(({ amount }) => amount);
      if (sums.join() !== `${micro}`)
        wrongs.push(`${memo}: ${sums.join(" and ") || "nothing"} paid instead of ${micro}`);
    }
    if (made.length !== this.#wishes.length) wrongs.push(`${made.length} payments of ${this.#wishes.length} wishes`);
    if (payments.some(({ state }) => state !== "final" && state !== "failed")) wrongs.push("a payment never ends");
    const mined = [...this.world.minedPayments].sort();
    const final = made.map(({ txid }) => formatHex(txid)).sort();
    if (mined.join() !== final.join())
      wrongs.push(`${mined.length} payments on the chain, ${final.length} called final`);
    const inputs = made.flatMap((payment) => payment.inputs);
    if (new Set(inputs).size !== inputs.length) wrongs.push("two payments take one coin");
    const known = [...payments, ...this.#claims()].map(({ txid }) => formatHex(txid));
    const bytesOf = new Map<string, string>();
    for (const { txid, bytes } of this.world.submissions) {
      if (!known.includes(txid)) wrongs.push("something went out that is not stored");
      if ((bytesOf.get(txid) ?? bytes) !== bytes) wrongs.push("something went out with other bytes");
      bytesOf.set(txid, bytes);
    }
    return wrongs;
  }

  /** The rows of the history are what happened, each once, with its words. */
  #auditHistory(knows: "everything" | "what-is-left"): readonly string[] {
    const rows = viewHistory(this.device.state);
    const shown = rows
      .filter(({ direction }) => direction === "in")
      .map((row) => `${row.id} ${row.amount} ${row.memo}`);
    const all = this.world.arrivals().map(({ leaf, amount, memo }) => `leaf:${leaf} ${amount} ${memo}`);
    const live = this.world.truth();
    const left = this.world.arrivals().filter(({ leaf }) => live.has(leaf));
    const needed =
      knows === "everything" ? all : left.map(({ leaf, amount, memo }) => `leaf:${leaf} ${amount} ${memo}`);
    return [
      ...(new Set(rows.map(({ id }) => id)).size === rows.length ? [] : ["a row is there twice"]),
      ...shown.filter((row) => !all.includes(row)).map((row) => `never came: ${row}`),
      ...needed.filter((row) => !shown.includes(row)).map((row) => `not in the history: ${row}`),
    ];
  }
}

/** Everything that a person could see of the wallet. */
function printWallet({ state }: StoredDevice): string {
  return JSON.stringify([viewHistory(state), viewBalance(state)], (_key, value: unknown) =>
    typeof value === "bigint" ? `${value}` : value,
  );
}
