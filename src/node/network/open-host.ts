import { join } from "node:path";
import type { NodeNetworkPort } from "../../core/ports/network-port.ts";
import { createNodeHost, isWebRtcAddress, type HostCertificate } from "../../net/host/create-node-host.ts";
import { peerIdOfIdentity } from "../../net/host/identity.ts";
import { steadyNow, systemClock } from "../edges.ts";
import { Refusal } from "../refusal.ts";
import type { FullNodeOptions } from "../rpc/node-view.ts";
import { openCertificateFile } from "../storage/certificate-file.ts";
import { openIdentityFile } from "../storage/identity-file.ts";
import { announcedAddresses } from "./announced-addresses.ts";
import { KnownPeers } from "./known-peers.ts";
import { nodeNoiseCrypto } from "./noise-crypto.ts";

/**
 * The node's host with the identity, the certificate and the peers it had before. What keeps WebRTC-direct from working
 * is logged by its code, and the node goes on with TCP and WebSocket.
 */
export async function openHost(
  chainId: number,
  options: Pick<FullNodeOptions, "directory" | "listen" | "announce" | "dial" | "strangersMax" | "log">,
): Promise<{ readonly host: NodeNetworkPort; readonly peers: KnownPeers }> {
  const { directory, listen, dial, log } = options;
  const certificate = listen.some(isWebRtcAddress) ? await openCertificate(directory, log) : undefined;
  const identity = await openIdentityFile(join(directory, "identity"));
  const self = peerIdOfIdentity(identity);
  const file = join(directory, "peers");
  const limits = options.strangersMax === undefined ? {} : { strangersMax: options.strangersMax };
  const peers = await KnownPeers.open({ file, chainId, self, dial, now: steadyNow, log, ...limits });
  const { allowsPrivate } = peers;
  const announce = announcedAddresses(options.announce ?? [], { self, certhash: certificate?.certhash, allowsPrivate });
  const host = await createNodeHost({
    chainId,
    identity,
    listen,
    announce,
    gate: peers.gate,
    noiseCrypto: nodeNoiseCrypto(),
    ...limits,
    ...(certificate === undefined ? {} : { certificate }),
    webRtcMissing: () => log("no WebRTC: native_module_missing"),
  });
  return { host, peers };
}

async function openCertificate(directory: string, log: (line: string) => void): Promise<HostCertificate | undefined> {
  try {
    return await openCertificateFile(join(directory, "certificate"), systemClock.now());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    log(`no WebRTC: ${error.code}`);
    return undefined;
  }
}
