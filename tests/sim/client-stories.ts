import type { PacketCore } from "../../src/core/chain/packet-output.ts";
import { leafIndex, timeMs } from "../../src/core/values/height.ts";
import type { ClaimTarget } from "../../src/core/wallet/build-claim.ts";
import { CHAIN_ID } from "../support/consensus-chain.ts";
import { linkSecret, packet } from "../support/packet-vectors.ts";
import type { ClientStory } from "./client-story.ts";

/** One thing a wallet does. `prepare` is not cut, `act` is at every place. */
export interface StoryKind {
  readonly name: "send" | "receive" | "scan" | "restore" | "claim";
  readonly knows: (seed: number) => "everything" | "what-is-left";
  prepare(story: ClientStory, seed: number): Promise<void>;
  act(story: ClientStory, seed: number): Promise<void>;
}

const isOdd = (seed: number): boolean => seed % 2 === 1;

/** A wallet that is up to date and has a few coins. */
async function begin(story: ClientStory, coins: readonly bigint[]): Promise<void> {
  await story.device.makeWallet();
  await story.pass(2_000);
  if (coins.length > 0) story.world.mine({ coins, memo: "the first ones" });
  await story.pass(2_000);
}

/** Several payments in a row, over nodes that come, go and swallow what they get. */
const send: StoryKind = {
  name: "send",
  knows: () => "everything",
  prepare: (story) => begin(story, [40n, 60n, 80n, 100n, 120n]),
  async act(story) {
    const { numbers, world } = story;
    for (let payment = 0; payment < 3; payment++) {
      const node = numbers.pick(world.nodes);
      Object.assign(node, { isReachable: numbers.chance(0.7), takesPayments: numbers.chance(0.6) });
      await story.pay(BigInt(numbers.between(5, 70)));
      await story.pass(numbers.between(100, 3_000));
    }
  },
};

/** Fourteen minutes with so many outputs that the wallet reads no more than it must (NW-7). */
function makeBusy({ world }: ClientStory): void {
  for (let minute = 0; minute < 14; minute++) world.mine({ afterMs: 60_000, strangers: 45 });
  world.nowMs = world.chain.tip.time;
}

/** Coins that come in many blocks while the person shows new addresses; every other time on a busy chain. */
const receive: StoryKind = {
  name: "receive",
  knows: () => "everything",
  async prepare(story, seed) {
    if (isOdd(seed)) makeBusy(story);
    await begin(story, []);
  },
  async act(story) {
    const { numbers, world } = story;
    for (let arrival = 0; arrival < 6; arrival++) {
      const coins = Array.from({ length: numbers.between(1, 3) }, () => BigInt(numbers.between(1, 90)));
      world.mine({ coins, memo: `arrival ${arrival}`, strangers: numbers.between(0, 2), isEpochEnd: arrival === 3 });
      if (numbers.chance(0.4)) await story.wantAddress();
      await story.pass(numbers.between(50, 1_500));
    }
  },
};

/** A device that was away: many blocks at once, or blocks that nobody has any more. */
const scan: StoryKind = {
  name: "scan",
  knows: (seed) => (isOdd(seed) ? "what-is-left" : "everything"),
  async prepare(story, seed) {
    const { numbers, world } = story;
    await begin(story, [50n, 70n, 90n]);
    await story.device.close();
    for (let block = 0; block < 60; block++) {
      const [first] = world.truth().keys();
      const coins = numbers.chance(0.2) ? [BigInt(numbers.between(1, 50))] : [];
      const spent = block === 30 && first !== undefined ? [first] : [];
      world.mine({ coins, spent, memo: `block ${block}`, strangers: 1, isEpochEnd: block % 10 === 9 });
    }
    world.nowMs = world.chain.tip.time;
    if (isOdd(seed)) for (const node of world.nodes) node.oldestBlock = world.chain.tip.height - 15;
  },
  async act(story) {
    await story.pass(2_000);
    await story.pay(20n);
    await story.pass(2_000);
  },
};

/** A wallet from words, whose coins come and go while it looks for them. */
const restore: StoryKind = {
  name: "restore",
  knows: () => "what-is-left",
  async prepare({ numbers, world }) {
    for (let block = 1; block <= 25; block++) {
      const coins = block % 4 === 0 ? [BigInt(10 + block), BigInt(40 + block)] : [];
      const spent = block % 10 === 0 ? [numbers.pick([...world.truth().keys()])] : [];
      world.mine({ strangers: 25, coins, spent, memo: `old ${block}`, isEpochEnd: block % 5 === 0, afterMs: 60_000 });
    }
    world.checkpointHeight = 25;
    world.nowMs = world.chain.tip.time;
    await Promise.resolve();
  },
  async act(story) {
    const { numbers, world, device } = story;
    await device.makeWallet({ birthdayMs: undefined });
    await story.pass(numbers.between(20, 1_200));
    world.mine({ coins: [33n], memo: "meanwhile", spent: [numbers.pick([...world.truth().keys()])] });
    await story.pass(numbers.between(200, 1_500));
    await story.pay(BigInt(numbers.between(5, 30)));
    await story.pass(2_000);
  },
};

/** The packet of the vectors, for everybody, at another place each time. */
function packetAt(leaf: number): ClaimTarget {
  const core: PacketCore = { ...packet.core, gate: { mode: "open" }, expiry: timeMs(9_000_000_000_000) };
  return { chainId: CHAIN_ID, packetLeaf: leafIndex(leaf), core, linkSecret, guardedSecret: undefined };
}

/** Links to red packets are opened, by a wallet without coins, over nodes that come, go and swallow what they get. */
const claim: StoryKind = {
  name: "claim",
  knows: () => "everything",
  prepare: (story) => begin(story, []),
  async act(story, seed) {
    const { numbers, world } = story;
    for (let link = 0; link < 3; link++) {
      const node = numbers.pick(world.nodes);
      Object.assign(node, { isReachable: numbers.chance(0.7), takesPayments: numbers.chance(0.6) });
      await story.claim(packetAt(7 + link + seed));
      await story.pass(numbers.between(100, 3_000));
    }
  },
};

export const STORY_KINDS: readonly StoryKind[] = [send, receive, scan, restore, claim];
