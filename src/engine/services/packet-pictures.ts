import type { PacketPictureResult } from "../../api/packets.ts";
import type { PacketCore } from "../../core/chain/packet-output.ts";
import { sealBlob, type SealedBlob } from "../../core/blob/sealed-blob.ts";
import { MEDIA_SHOWN_BYTES_MAX } from "../../core/params/media-limits.ts";
import { derivePacketAdKey } from "../../core/red-packet/packet-ad.ts";
import { openGreeting } from "../../core/red-packet/packet-greeting.ts";
import { deriveLinkSecret } from "../../core/red-packet/packet-secrets.ts";
import type { ViewAllKeys } from "../../core/wallet/keys.ts";
import type { BlobsService } from "./blobs.ts";
import type { Companion } from "./payments.ts";

/** A packet and its L: with both its greeting is read, and what that names. */
export interface PacketSecret {
  readonly core: PacketCore;
  readonly linkSecret: Uint8Array;
}

/** The picture of a packet under the key of its L, which hangs on D (RP-10); `too_large` for what nobody would show. */
export function sealPicture(
  view: ViewAllKeys,
  ephemeralKey: Uint8Array,
  picture: Uint8Array,
): SealedBlob | "too_large" {
  if (picture.length > MEDIA_SHOWN_BYTES_MAX) return "too_large";
  return sealBlob(derivePacketAdKey(deriveLinkSecret(view.viewAllSecret, ephemeralKey)), picture);
}

/**
 * A picture is put before its packet is paid for: a kill in between leaves a picture that nobody names, and never a packet
 * that names a picture nobody has.
 */
export function besidePacket(blobs: BlobsService, sealed: SealedBlob): Companion {
  return {
    async store() {
      const put = await blobs.put(sealed);
      if (put.ok) return undefined;
      return put.code === "too_many" ? "pictures_waiting" : "picture_not_stored";
    },
    drop: () => void blobs.cancel(sealed.blobId),
  };
}

/** Asks its nodes for the picture that a greeting names. */
export async function readPicture(
  blobs: BlobsService,
  { core, linkSecret }: PacketSecret,
): Promise<PacketPictureResult> {
  const blobId = openGreeting(linkSecret, core.packetKey, core.greeting)?.adBlobId;
  if (blobId === undefined) return { ok: false, code: "none" };
  const read = await blobs.read({ blobId, key: derivePacketAdKey(linkSecret) }, MEDIA_SHOWN_BYTES_MAX);
  return read.ok ? { ok: true, bytes: read.content } : read;
}
