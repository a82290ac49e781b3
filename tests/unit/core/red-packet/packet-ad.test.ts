import { describe, expect, it } from "vitest";
import { openBlob, sealBlob } from "../../../../src/core/blob/sealed-blob.ts";
import { hash32 } from "../../../../src/core/crypto/tagged-hash.ts";
import { derivePacketAdKey } from "../../../../src/core/red-packet/packet-ad.ts";
import { linkSecret } from "../../../support/packet-vectors.ts";

describe("the advertisement of a packet", () => {
  it("[RP-10] is opened by whoever has the link", () => {
    const picture = new Uint8Array(5_000).fill(3);
    const { bytes } = sealBlob(derivePacketAdKey(linkSecret), picture);
    expect(derivePacketAdKey(linkSecret)).toEqual(hash32("stg/rp/ad", linkSecret));
    expect(openBlob(derivePacketAdKey(linkSecret), bytes)).toEqual(picture);
    const other = linkSecret.map((byte) => byte ^ 1);
    expect(openBlob(derivePacketAdKey(other), bytes)).toBeUndefined();
  });
});
