import { join } from "node:path";
import type { NetworkPort } from "../../core/ports/network-port.ts";
import { createNodeHost, isWebRtcAddress, type HostCertificate } from "../../net/host/create-node-host.ts";
import { systemClock } from "../edges.ts";
import { Refusal } from "../refusal.ts";
import type { FullNodeOptions } from "../rpc/node-view.ts";
import { openCertificateFile } from "../storage/certificate-file.ts";
import { openIdentityFile } from "../storage/identity-file.ts";

/**
 * The node's host with the identity and the certificate it had before. What keeps WebRTC-direct from working is logged
 * by its code, and the node goes on with TCP and WebSocket.
 */
export async function openHost(
  chainId: number,
  { directory, listen, log }: Pick<FullNodeOptions, "directory" | "listen" | "log">,
): Promise<NetworkPort> {
  const certificate = listen.some(isWebRtcAddress) ? await openCertificate(directory, log) : undefined;
  return createNodeHost({
    chainId,
    identity: await openIdentityFile(join(directory, "identity")),
    listen,
    ...(certificate === undefined ? {} : { certificate }),
    webRtcMissing: () => log("no WebRTC: native_module_missing"),
  });
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
