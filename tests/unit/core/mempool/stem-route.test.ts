import { describe, expect, it } from "vitest";
import { u32 } from "../../../../src/core/bytes/writer.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import {
  currentRoute,
  EMBARGO_MEAN_MS,
  EMBARGO_MS_MIN,
  embargoMs,
  EMPTY_ROUTE,
  isFluffHere,
  nextHop,
  STEM_EPOCH_MS,
  STEM_FLUFF_SHARE,
  STEM_PEERS_COUNT,
  withCandidate,
  withoutCandidate,
  type StemPeer,
  type StemRoute,
} from "../../../../src/core/mempool/stem-route.ts";
import { timeMs } from "../../../../src/core/values/height.ts";

const SECRET = hash32("test/stem", u32(1));
const NOW = timeMs(1_700_000_000_000);
const PEERS = Array.from({ length: 8 }, (_, index) => `peer ${index}`);
const EDGES = [undefined, ...Array.from({ length: 40 }, (_, index) => `edge ${index}`)];
const DRAWS = 10_000;
const txids = Array.from({ length: DRAWS }, (_, index) => hash32("test/txid", u32(index)));

const dialled = (peer: string): StemPeer => ({ peer, isDialled: true });
const stranger = (peer: string): StemPeer => ({ peer, isDialled: false });
const routeOf = (peers: readonly string[]): StemRoute =>
  currentRoute(
    SECRET,
    peers.reduce((route, peer) => withCandidate(SECRET, route, dialled(peer)), EMPTY_ROUTE),
    NOW,
  );
const hops = (route: StemRoute) => EDGES.map((edge) => nextHop(SECRET, route, edge));

describe("the way of stem transactions through a node", () => {
  it("[NW-4] goes to two peers, each edge to one of them, for a whole epoch", () => {
    const route = routeOf(PEERS);
    expect(new Set(hops(route)).size).toBe(STEM_PEERS_COUNT);
    const last = currentRoute(SECRET, route, timeMs(NOW + STEM_EPOCH_MS - 1));
    expect(last).toBe(route);
    expect(hops(withCandidate(SECRET, last, dialled("newcomer")))).toEqual(hops(route));
  });

  it("[NW-4] changes with the epoch: other peers, other mappings", () => {
    const pairs = new Set<string>();
    const mappings = new Set<string>();
    let route = routeOf(PEERS);
    for (let epoch = 1; epoch <= 20; epoch++) {
      pairs.add([...route.slots].sort().join());
      mappings.add(
        hops(route)
          .map((hop) => route.slots.indexOf(hop))
          .join(""),
      );
      route = currentRoute(SECRET, route, timeMs(NOW + epoch * STEM_EPOCH_MS));
    }
    expect(route.epoch).toBe(21);
    expect(pairs.size).toBeGreaterThan(10);
    expect(mappings.size).toBe(20);
  });

  it("[NW-4] is another one at every node and every start", () => {
    const ways = Array.from({ length: 20 }, (_, index) => {
      const secret = hash32("test/stem", u32(100 + index));
      const filled = PEERS.reduce((route, peer) => withCandidate(secret, route, dialled(peer)), EMPTY_ROUTE);
      return EDGES.map((edge) => nextHop(secret, currentRoute(secret, filled, NOW), edge)).join();
    });
    expect(new Set(ways).size).toBe(20);
  });

  it("[NW-4] loses the edges of a peer that is gone to another one, and no others", () => {
    const route = routeOf(PEERS);
    const [gone, stays] = route.slots;
    const after = withoutCandidate(SECRET, route, gone!);
    expect(after.slots).toContain(stays);
    expect(after.slots).not.toContain(gone);
    hops(route).forEach((hop, index) => {
      if (hop === stays) expect(hops(after)[index]).toBe(stays);
      else expect(hops(after)[index]).toBe(after.slots[0]);
    });
  });

  it("[NW-4] never leads back, and leads nowhere where nobody else serves stem", () => {
    const route = routeOf(["left", "right"]);
    expect(nextHop(SECRET, route, "left")).toBe("right");
    expect(nextHop(SECRET, route, "right")).toBe("left");
    expect(hops(routeOf([])).every((hop) => hop === undefined)).toBe(true);
    expect(hops(routeOf(["left"])).every((hop) => hop === "left")).toBe(true);
    expect(nextHop(SECRET, routeOf(["left"]), "left")).toBe(undefined);
    expect(hops(withoutCandidate(SECRET, routeOf(["left"]), "left")).every((hop) => hop === undefined)).toBe(true);
  });

  it("[NW-4] leads past a peer that is behind, where there is another", () => {
    const route = routeOf(["left", "right"]);
    const isBehind = (peer: string): boolean => peer === "left";
    expect(EDGES.every((edge) => nextHop(SECRET, route, edge, isBehind) === "right")).toBe(true);
    expect(nextHop(SECRET, route, "right", isBehind)).toBe("left");
    expect(EDGES.map((edge) => nextHop(SECRET, route, edge, () => true))).toEqual(hops(route));
  });

  it("[NW-4] fills an empty slot within an epoch, so that the second peer need not wait for the next one", () => {
    const route = withCandidate(SECRET, routeOf(["left"]), dialled("right"));
    expect(new Set(route.slots)).toEqual(new Set(["left", "right"]));
    expect(withCandidate(SECRET, route, dialled("right"))).toBe(route);
  });
});

describe("strangers who connect in numbers", () => {
  it("[NW-4] get no slot while there are peers that we chose, and those that are left otherwise", () => {
    const crowd = Array.from({ length: 100 }, (_, index) => stranger(`crowd ${index}`));
    const among = (...chosen: readonly string[]): StemRoute => {
      const all = [...crowd.slice(50), ...chosen.map(dialled), ...crowd.slice(0, 50)];
      const filled = all.reduce((route, each) => withCandidate(SECRET, route, each), EMPTY_ROUTE);
      // Whoever comes first takes an empty slot for the rest of the epoch.
      return currentRoute(SECRET, filled, NOW);
    };
    expect(new Set(among("left", "right").slots)).toEqual(new Set(["left", "right"]));
    expect(among("left").slots).toContain("left");
    expect(among("left").slots[1]).toMatch(/crowd/);
    expect(among().slots.every((peer) => peer !== undefined)).toBe(true);
  });
});

describe("chance", () => {
  it("[NW-4] ends a stem at one hop in five, and gives the same answer when asked again", () => {
    const count = txids.filter((txid) => isFluffHere(SECRET, txid)).length;
    // Five standard deviations of 40 around 2,000.
    expect(Math.abs(count - STEM_FLUFF_SHARE * DRAWS)).toBeLessThan(200);
    expect(txids.filter((txid) => isFluffHere(SECRET, txid)).length).toBe(count);
    const other = hash32("test/stem", u32(2));
    const both = txids.filter((txid) => isFluffHere(SECRET, txid) && isFluffHere(other, txid)).length;
    expect(Math.abs(both - STEM_FLUFF_SHARE ** 2 * DRAWS)).toBeLessThan(100);
  });

  it("[NW-4] an embargo is 10 s and an exponential of 15 s on top", () => {
    const waits = txids.map((txid) => embargoMs(SECRET, txid) - EMBARGO_MS_MIN);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(waits.every(Number.isSafeInteger)).toBe(true);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / DRAWS;
    expect(Math.abs(mean - EMBARGO_MEAN_MS)).toBeLessThan(0.05 * EMBARGO_MEAN_MS);
    // e^-1 of them are longer than the mean.
    const long = waits.filter((wait) => wait > EMBARGO_MEAN_MS).length / DRAWS;
    expect(Math.abs(long - Math.exp(-1))).toBeLessThan(0.025);
  });
});
