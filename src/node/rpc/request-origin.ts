import type { IncomingMessage } from "node:http";

/**
 * May this request change something here? A server on loopback is reachable by every page of the same browser, so a
 * POST counts only if the name it was called by is a loopback name (no rebound DNS name) and if no foreign page made it.
 * A reverse proxy in front of a public node sends such a Host itself.
 */
export function isLocalRequest(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  if (host === undefined || !isLoopback(`http://${host}`)) return false;
  return origin === undefined || isLoopback(origin);
}

function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
