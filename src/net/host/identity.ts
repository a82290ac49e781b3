import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import type { PeerId } from "../../core/ports/network-port.ts";

/** A fresh ed25519 identity as bytes to keep; libp2p itself would take a new one at each start. */
export async function generateIdentity(): Promise<Uint8Array> {
  return privateKeyToProtobuf(await generateKeyPair("Ed25519"));
}

/** The peer id that an identity has. Throws on bytes that are no ed25519 identity. */
export function peerIdOfIdentity(identity: Uint8Array): PeerId {
  return peerIdFromPrivateKey(openIdentity(identity)).toString();
}

/** The key inside the bytes of {@link generateIdentity}. */
export function openIdentity(identity: Uint8Array): PrivateKey {
  const key = privateKeyFromProtobuf(identity);
  if (key.type !== "Ed25519") throw new TypeError(`identity of type ${key.type}`);
  return key;
}
