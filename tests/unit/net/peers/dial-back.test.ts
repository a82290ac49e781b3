import { describe, expect, it } from "vitest";
import { generateIdentity, peerIdOfIdentity } from "../../../../src/net/host/identity.ts";
import { DialBackDesk } from "../../../../src/net/peers/dial-back.ts";
import { DIAL_BACKS_MAX, DIAL_BACKS_PER_HOST_MAX, DIAL_BACKS_RUNNING_MAX } from "../../../../src/wire/limits.ts";

const peers = await Promise.all(Array.from({ length: 8 }, async () => peerIdOfIdentity(await generateIdentity())));
const [asker, other] = [peers[0]!, peers[1]!];
const at = (ip: string, peer = asker, port: number | string = 4001): string => `/ip4/${ip}/tcp/${port}/p2p/${peer}`;
const from = (ip: string): string => `/ip4/${ip}/tcp/51000`;

class Desk {
  readonly looked: string[] = [];
  now = 0;
  isThere = true;
  /** While set, looks do not end. */
  gate: Promise<void> | undefined;
  readonly desk: DialBackDesk;

  constructor(allowsPrivate = false) {
    this.desk = new DialBackDesk({
      allowsPrivate,
      now: () => this.now,
      probe: async (address) => {
        this.looked.push(address);
        await this.gate;
        if (!this.isThere) throw new Error("nobody");
      },
    });
  }
}

describe("dial-back", () => {
  it("[NW-15] looks at the address of whoever asks, and tells whether he is there", async () => {
    const desk = new Desk();
    expect(await desk.desk.look(asker, from("5.5.5.5"), at("5.5.5.5"))).toBe("found");
    desk.isThere = false;
    expect(await desk.desk.look(asker, from("5.5.5.5"), at("5.5.5.5", asker, 443))).toBe("not_found");
    expect(desk.looked).toHaveLength(2);
  });

  it("[NW-15] is no weapon: other hosts, other peers, names, local addresses and services of others are not dialled", async () => {
    const desk = new Desk();
    const remote = from("5.5.5.5");
    for (const claimed of [
      at("5.5.5.6"),
      at("5.5.5.5", other),
      at("127.0.0.1"),
      at("192.168.0.1"),
      at("169.254.169.254"),
      at("5.5.5.5", asker, 22),
      at("5.5.5.5", asker, 25),
      `/dns4/victim.example/tcp/443/wss/p2p/${asker}`,
      `/ip4/5.5.5.6/tcp/4001/p2p/${other}/p2p-circuit/p2p/${asker}`,
      "/ip4/5.5.5.5/tcp/4001",
    ]) {
      expect(await desk.desk.look(asker, remote, claimed), claimed).toBe("not_found");
    }
    expect(await desk.desk.look(asker, undefined, at("5.5.5.5"))).toBe("not_found");
    expect(desk.looked).toEqual([]);
  });

  it("[NW-15] on a dev network local addresses are looked at", async () => {
    const desk = new Desk(true);
    expect(await desk.desk.look(asker, from("127.0.0.1"), at("127.0.0.1"))).toBe("found");
    expect(await desk.desk.look(asker, from("127.0.0.1"), at("192.168.0.7"))).toBe("found");
    expect(await desk.desk.look(asker, from("127.0.0.1"), at("5.5.5.5"))).toBe("not_found");
  });

  it("DIAL_BACKS_PER_HOST_MAX: one host sends us so many times within ten minutes, under whatever names", async () => {
    const desk = new Desk();
    for (let count = 0; count < DIAL_BACKS_PER_HOST_MAX; count++) {
      const peer = peers[count % peers.length]!;
      expect(await desk.desk.look(peer, from("5.5.5.5"), at("5.5.5.5", peer))).toBe("found");
    }
    expect(await desk.desk.look(asker, from("5.5.5.5"), at("5.5.5.5"))).toBe("busy");
    expect(await desk.desk.look(asker, from("5.5.5.6"), at("5.5.5.6"))).toBe("found");
    desk.now = 10 * 60_000;
    expect(await desk.desk.look(asker, from("5.5.5.5"), at("5.5.5.5"))).toBe("found");
  });

  it("DIAL_BACKS_MAX: all hosts together so many times", async () => {
    const desk = new Desk();
    const look = (index: number) => desk.desk.look(asker, from(`6.${index}.1.1`), at(`6.${index}.1.1`));
    for (let index = 0; index < DIAL_BACKS_MAX; index++) expect(await look(index)).toBe("found");
    expect(await look(200)).toBe("busy");
    expect(desk.looked).toHaveLength(DIAL_BACKS_MAX);
  });

  it("DIAL_BACKS_RUNNING_MAX: so many looks at once, and one for a peer", async () => {
    const desk = new Desk();
    let open: () => void = () => undefined;
    desk.gate = new Promise((resolve) => (open = resolve));
    const running = peers.slice(0, DIAL_BACKS_RUNNING_MAX).map((peer, index) => {
      return desk.desk.look(peer, from(`6.${index}.1.1`), at(`6.${index}.1.1`, peer));
    });
    expect(await desk.desk.look(peers[0]!, from("6.0.1.1"), at("6.0.1.1", peers[0]))).toBe("busy");
    expect(await desk.desk.look(peers[6]!, from("6.9.1.1"), at("6.9.1.1", peers[6]))).toBe("busy");
    open();
    expect(await Promise.all(running)).toEqual(running.map(() => "found"));
    expect(await desk.desk.look(peers[6]!, from("6.9.1.1"), at("6.9.1.1", peers[6]))).toBe("found");
  });
});
