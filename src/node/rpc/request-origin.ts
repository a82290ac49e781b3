import type { IncomingMessage } from "node:http";

/**
 * May this request change something here? A server on loopback is reachable by every page of the same browser, so a
 * POST counts only if the name it was called by is a loopback name (no rebound DNS name) and if no foreign page made it.
 * A reverse proxy in front of a public node sends such a Host itself. Who opens a server to the local network names its
 * addresses there as further hosts.
 */
export function isLocalRequest(request: IncomingMessage, hosts: readonly string[] = []): boolean {
  const { host, origin } = request.headers;
  const isOurs = (url: string): boolean => isLoopback(url) || hosts.includes(hostOf(url) ?? "");
  if (host === undefined || !isOurs(`http://${host}`)) return false;
  return origin === undefined || isOurs(origin);
}

/** The name or address in the request's Host, without its port. */
export function requestHost(request: IncomingMessage): string | undefined {
  return hostOf(`http://${request.headers.host ?? ""}`);
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function isLoopback(origin: string): boolean {
  const hostname = hostOf(origin);
  if (hostname === undefined) return false;
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
