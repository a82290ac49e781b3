import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

interface NetworkNodes {
  readonly nodes: readonly { readonly operator: string; readonly addresses: readonly string[] }[];
}

/** An origin of its own in front of a devnet, where /network.json offers other addresses of its nodes. */
export interface DevnetFront {
  readonly url: string;
  close(): Promise<void>;
}

type Offer = (addresses: readonly string[]) => readonly string[];

/** `offer` says which addresses the page is told of for each node; the devnet may come back at another URL. */
export async function openDevnetFront(devnetUrl: () => string, offer: Offer): Promise<DevnetFront> {
  const server = createServer((request, response) => {
    if (request.url === "/network.json") {
      sendNetworkFile(devnetUrl(), offer, response).catch(() => response.destroy());
    } else pass(devnetUrl(), request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function sendNetworkFile(devnetUrl: string, offer: Offer, response: ServerResponse): Promise<void> {
  const answer = await fetch(`${devnetUrl}/network.json`);
  const file = (await answer.json()) as NetworkNodes;
  const nodes = file.nodes.map((node) => ({ ...node, addresses: offer(node.addresses) }));
  response.writeHead(answer.status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify({ ...file, nodes }));
}

function pass(devnetUrl: string, request: IncomingMessage, response: ServerResponse): void {
  const { method = "GET", headers } = request;
  const passed = httpRequest(`${devnetUrl}${request.url ?? "/"}`, { method, headers });
  passed.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", () => response.destroy());
  request.pipe(passed);
}
