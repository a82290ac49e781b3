import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PeerId } from "../../../../src/core/ports/network-port.ts";
import { generateIdentity, peerIdOfIdentity } from "../../../../src/net/host/identity.ts";
import { decodeAddressBook, encodeAddressBook, BOOK_BYTES_MAX } from "../../../../src/net/peers/address-book-bytes.ts";
import { AddressBook } from "../../../../src/net/peers/address-book.ts";
import { parseNodeAddress } from "../../../../src/net/peers/peer-addresses.ts";
import {
  BOOK_ADDRESSES_MAX,
  BOOK_ADDRESSES_PER_GROUP_MAX,
  BOOK_ADDRESSES_PER_PEER_MAX,
  BOOK_HEARD_PER_SOURCE_MAX,
} from "../../../../src/wire/limits.ts";
import { codecContract } from "../../../support/codec-contract.ts";

const HOUR_MS = 60 * 60_000;
const NOW = 1_800_000_000_000;
const ids: PeerId[] = await Promise.all(
  Array.from({ length: 140 }, async () => peerIdOfIdentity(await generateIdentity())),
);
const self = ids.pop()!;
const address = (peer: PeerId, ip: string, port = 4001): string => `/ip4/${ip}/tcp/${port}/p2p/${peer}`;

describe("the address book", () => {
  const open = (allowsPrivate = false): AddressBook => new AddressBook({ self, allowsPrivate });

  it("[NW-15] hands on what it has found itself and nothing that it was told", () => {
    const book = open();
    const told = address(ids[0]!, "5.5.5.5");
    expect(book.hear(told, "a")).toBe(true);
    expect(book.listed(NOW)).toEqual([]);
    expect(book.due(NOW)).toEqual([told]);
    book.prove(told, NOW);
    expect(book.listed(NOW)).toEqual([told]);
    expect(book.isProven(ids[0]!)).toBe(true);
    // Proven again well before it would no longer be told.
    expect(book.due(NOW + HOUR_MS / 2)).toEqual([]);
    expect(book.due(NOW + HOUR_MS + 1)).toEqual([told]);
    expect(book.listed(NOW + 3 * HOUR_MS)).toEqual([]);
  });

  it("[NW-15] stops handing on what fails, tries ever more rarely, and forgets what it never found", () => {
    const book = open();
    const [good, never] = [address(ids[0]!, "5.5.5.5"), address(ids[1]!, "5.6.5.5")];
    book.prove(good, NOW);
    book.hear(never, "a");
    for (let failure = 0; failure < 3; failure++) {
      for (const each of [good, never]) book.fail(each, NOW + failure);
      expect(book.due(NOW + failure)).toEqual([]);
    }
    expect(book.listed(NOW + 3)).toEqual([]);
    expect(book.entries().map((each) => each.address)).toEqual([good]);
    expect(book.due(NOW + 100_000)).toEqual([]);
    expect(book.due(NOW + 200_000)).toEqual([good]);
    book.fail(good, NOW + 30 * 24 * HOUR_MS);
    expect(book.size).toBe(0);
  });

  it("[NW-15] takes no address that would lead elsewhere: local ones, names, relayed ones, other transports, itself", () => {
    const book = open();
    const [peer] = ids;
    for (const hostile of [
      address(peer!, "127.0.0.1"),
      address(peer!, "192.168.1.1"),
      address(peer!, "169.254.169.254"),
      address(peer!, "224.0.0.1"),
      address(self, "5.5.5.5"),
      "/ip4/5.5.5.5/tcp/4001",
      `/dns4/victim.example/tcp/443/wss/p2p/${peer}`,
      `/ip4/5.5.5.5/tcp/4001/p2p/${ids[1]}/p2p-circuit/p2p/${peer}`,
      `/ip4/5.5.5.5/udp/4001/quic-v1/p2p/${peer}`,
      "nonsense",
    ]) {
      expect(book.hear(hostile, "a"), hostile).toBe(false);
    }
    const dev = open(true);
    expect(dev.hear(address(peer!, "127.0.0.1"), "a")).toBe(true);
    expect(dev.hear(address(peer!, "169.254.169.254"), "a")).toBe(false);
  });

  it("BOOK_HEARD_PER_SOURCE_MAX: one source makes it try so many addresses in vain and no more", () => {
    const book = open();
    const tell = (from: number, source: string): number => {
      const told = Array.from({ length: 30 }, (_, index) => address(ids[index]!, `5.${from + index}.1.1`));
      return told.filter((each) => book.hear(each, source)).length;
    };
    expect(tell(0, "a")).toBe(BOOK_HEARD_PER_SOURCE_MAX);
    expect(tell(100, "b")).toBe(BOOK_HEARD_PER_SOURCE_MAX);
    book.prove(book.due(NOW)[0]!, NOW);
    expect(book.hear(address(ids[30]!, "5.200.1.1"), "a")).toBe(true);
    expect(book.hear(address(ids[31]!, "5.201.1.1"), "a")).toBe(false);
  });

  it("BOOK_ADDRESSES_PER_PEER_MAX, BOOK_ADDRESSES_PER_GROUP_MAX: neither one peer nor one provider fills it", () => {
    const book = open();
    for (let port = 1; port <= 20; port++) book.hear(address(ids[0]!, "5.5.5.5", port), "a");
    expect(book.size).toBe(BOOK_ADDRESSES_PER_PEER_MAX);
    for (let index = 0; index < 20; index++) {
      for (let port = 1; port <= 8; port++) book.hear(address(ids[index]!, `6.6.0.${index}`, port), `source ${index}`);
    }
    expect(book.entries().filter((each) => each.address.startsWith("/ip4/6.6.")).length).toBe(
      BOOK_ADDRESSES_PER_GROUP_MAX,
    );
    // What we found ourselves takes the place of what was told.
    const found = address(ids[21]!, "6.6.1.1");
    expect(book.hear(found, "late")).toBe(false);
    book.prove(found, NOW);
    expect(book.listed(NOW)).toEqual([found]);
    expect(book.entries().filter((each) => each.address.startsWith("/ip4/6.6.")).length).toBe(
      BOOK_ADDRESSES_PER_GROUP_MAX,
    );
  });

  it("BOOK_ADDRESSES_MAX: holds so many in all, and none that is proven goes for one that is told", () => {
    const book = open();
    const proven = Array.from({ length: 8 }, (_, index) => address(ids[0]!, `7.${index}.1.1`));
    for (const each of proven) book.prove(each, NOW);
    const tell = (peer: number, port: number): boolean => {
      return book.hear(address(ids[peer]!, `${8 + peer}.${port}.1.1`, port), `source ${peer} ${port}`);
    };
    const taken = Array.from({ length: 8 * (ids.length - 1) }, (_, index) => tell(1 + (index >> 3), 1 + (index % 8)));
    expect(taken.filter(Boolean).length).toBe(BOOK_ADDRESSES_MAX - proven.length);
    expect(book.size).toBe(BOOK_ADDRESSES_MAX);
    expect(proven.every((each) => book.listed(NOW).includes(each))).toBe(true);
    const late = address(ids[0]!, "7.0.1.1", 2);
    book.fail(address(ids[1]!, "9.1.1.1", 1), NOW);
    expect(book.hear(late, "late")).toBe(false);
    expect(book.hear(address(ids[138]!, "200.1.1.1"), "late")).toBe(true);
    expect(book.size).toBe(BOOK_ADDRESSES_MAX);
  });

  it("[NW-15] proposes one address of each peer, found ones first, and no crowd of one provider", () => {
    const book = open();
    for (let index = 0; index < 10; index++) book.hear(address(ids[index]!, `9.9.0.${index}`), "a");
    const found = address(ids[11]!, "8.8.1.1");
    book.prove(`/ip4/8.8.1.1/tcp/4002/ws/p2p/${ids[11]}`, NOW);
    book.prove(found, NOW);
    const proposed = book.candidates(NOW, 2, (peer) => peer === ids[0], new Map());
    expect(proposed[0]).toBe(found);
    expect(proposed).toHaveLength(3);
    expect(proposed).not.toContain(address(ids[0]!, "9.9.0.0"));
    expect(book.candidates(NOW, 2, () => false, new Map([["9.9.0.0/16", 2]]))).toEqual([found]);
  });
});

describe("the address book on disk", () => {
  const entryArb = fc
    .record({
      peer: fc.integer({ min: 0, max: ids.length - 1 }),
      ip: fc.ipV4(),
      port: fc.integer({ min: 1, max: 65_535 }),
      kind: fc.constantFrom("", "/ws", "/wss"),
      provenMs: fc.integer({ min: 1, max: 2 ** 50 }),
      failures: fc.integer({ min: 0, max: 65_535 }),
    })
    .map(({ peer, ip, port, kind, provenMs, failures }) => ({
      address: `/ip4/${ip}/tcp/${port}${kind}/p2p/${ids[peer]}`,
      source: "own",
      provenMs,
      triedMs: provenMs,
      failures,
    }));

  codecContract("address book", {
    encode: encodeAddressBook,
    decode: decodeAddressBook,
    arbitrary: fc.array(entryArb, { maxLength: 20 }),
  });

  it("[NW-15] holds what was found and not what was told, and BOOK_BYTES_MAX holds the largest", () => {
    const book = new AddressBook({ self, allowsPrivate: false });
    book.prove(address(ids[0]!, "5.5.5.5"), NOW);
    book.hear(address(ids[1]!, "5.6.5.5"), "a");
    const again = new AddressBook({ self, allowsPrivate: false });
    again.restore(decodeAddressBook(encodeAddressBook(book.entries())), NOW + HOUR_MS);
    expect(again.listed(NOW)).toEqual([address(ids[0]!, "5.5.5.5")]);
    expect(again.size).toBe(1);
    // Found under a clock that was a year ahead: not handed on for a year longer.
    const [found] = book.entries();
    const fresh = new AddressBook({ self, allowsPrivate: false });
    fresh.restore([{ ...found!, provenMs: NOW + 365 * 24 * HOUR_MS, triedMs: NOW + 365 * 24 * HOUR_MS }], NOW);
    expect(fresh.listed(NOW + 3 * HOUR_MS)).toEqual([]);
    expect(fresh.due(NOW + HOUR_MS + 1)).toHaveLength(1);
    expect(BOOK_BYTES_MAX).toBeLessThan(256 * 1024);
    expect(() => decodeAddressBook(new Uint8Array(BOOK_BYTES_MAX + 1))).toThrow("at most");
  });
});

describe("addresses of nodes", () => {
  it("are taken apart: host, port, transport, peer", () => {
    const [peer] = ids;
    expect(parseNodeAddress(`/ip4/5.5.5.5/tcp/80/ws/p2p/${peer}`)).toMatchObject({ peer, port: 80, transport: "ws" });
    expect(parseNodeAddress(`/ip6/2a00::1/tcp/443/tls/ws/p2p/${peer}`)).toMatchObject({ transport: "wss" });
    expect(parseNodeAddress(`/dns4/a.example/tcp/443/wss/p2p/${peer}`)).toMatchObject({ ip: undefined });
    const certhash = "uEiAsGPzpiPGQzSlVHRXrUCT5EkTV7YFrV4VZ3hpEKTd_zg";
    expect(parseNodeAddress(`/ip4/5.5.5.5/udp/90/webrtc-direct/certhash/${certhash}/p2p/${peer}`)).toMatchObject({
      port: 90,
      transport: "webrtc-direct",
    });
  });
});
