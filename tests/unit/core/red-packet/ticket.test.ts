import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import { ticketRootOf } from "../../../../src/core/chain/claim.ts";
import { schnorrPublicKey } from "../../../../src/core/crypto/schnorr.ts";
import { hashToScalar } from "../../../../src/core/crypto/tagged-hash.ts";
import { u16 } from "../../../../src/core/bytes/writer.ts";
import { ticketKeys, ticketOf, ticketRoot, ticketSecret } from "../../../../src/core/red-packet/ticket.ts";
import { hexBytes, vectors } from "../../../support/protocol-vectors.ts";
import { curve } from "../../../support/wallet-vectors.ts";

const { tickets, L } = vectors.packet;
const linkSecret = hexBytes(L);
const secretOf = (rank: number) => hashToScalar(curve, "test/claim-key", u16(rank));

describe("tickets (9.3)", () => {
  it("[RP-5] are those of the vectors: keys, root and path", () => {
    const keys = ticketKeys(curve, linkSecret, tickets.claim_keys.map(hexBytes))!;
    expect(keys.map(formatHex)).toEqual(tickets.T);
    expect(formatHex(ticketRoot(keys))).toBe(tickets.ticket_root);
    const ticket = ticketOf(keys, tickets.member);
    expect(ticket.path.map(formatHex)).toEqual(tickets.path);
    expect(ticketRootOf(ticket)).toEqual(ticketRoot(keys));
  });

  it("[RP-5] lead to the root from every rank of every size, and only there", () => {
    const all = Array.from({ length: 64 }, (_, rank) => schnorrPublicKey(curve, secretOf(rank)));
    for (const size of [1, 2, 3, 5, 7, 8, 13, 33, 63, 64]) {
      const keys = all.slice(0, size);
      const root = ticketRoot(keys);
      const places = new Set<string>();
      for (let rank = 0; rank < size; rank++) {
        const ticket = ticketOf(keys, rank);
        expect(ticketRootOf(ticket), `${rank} of ${size}`).toEqual(root);
        expect(ticket.path.length).toBeLessThanOrEqual(6);
        expect(ticket.index).toBeLessThan(2 ** ticket.path.length);
        // In a full tree idx is the rank (9.3).
        if (Number.isInteger(Math.log2(size))) expect(ticket.index).toBe(rank);
        places.add(`${ticket.index}/${ticket.path.length}`);
        if (size > 1) expect(ticketRootOf({ ...ticket, ticketKey: keys[(rank + 1) % size]! })).not.toEqual(root);
      }
      expect(places.size).toBe(size);
    }
  });

  it("[RP-5] are signed for by t = κ + Hs(tk, L, i), and with another L by nothing", () => {
    const claimKeys = [0, 1, 2].map((rank) => schnorrPublicKey(curve, secretOf(rank)));
    const keys = ticketKeys(curve, linkSecret, claimKeys)!;
    keys.forEach((key, rank) => {
      expect(schnorrPublicKey(curve, ticketSecret(curve, linkSecret, secretOf(rank), rank))).toEqual(key);
      expect(schnorrPublicKey(curve, ticketSecret(curve, linkSecret.with(0, 0), secretOf(rank), rank))).not.toEqual(
        key,
      );
    });
  });

  it("[EN-5] are not made of a claim key that is no point", () => {
    expect(ticketKeys(curve, linkSecret, [new Uint8Array(32).fill(0xff)])).toBeUndefined();
  });

  it("[RP-5] are 1 to 64", () => {
    const key = schnorrPublicKey(curve, secretOf(0));
    expect(() => ticketRoot([])).toThrow("0 tickets");
    expect(() => ticketRoot(Array.from({ length: 65 }, () => key))).toThrow("65 tickets");
    expect(() => ticketOf([key], 1)).toThrow(RangeError);
  });
});
