import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { NETWORK_FILE_BYTES_MAX } from "../../../../src/engine/services/network-file.ts";
import { fetchNetworkFile } from "../../../../src/node/network/fetch-network-file.ts";

let server: Server | undefined;
afterEach(() => server?.close());

async function serve(listener: RequestListener): Promise<URL> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/network.json`);
}

describe("the network file over HTTP", () => {
  it("is the text that the site gives", async () => {
    expect(await fetchNetworkFile(await serve((_, answer) => answer.end('{"é":1}')))).toBe('{"é":1}');
  });

  it("is none where the site refuses, leads elsewhere, gives no text, or more than any network's", async () => {
    const answers: RequestListener[] = [
      (_, answer) => answer.writeHead(404).end("{}"),
      (_, answer) => answer.writeHead(302, { location: "/other" }).end(),
      (_, answer) => answer.end(Uint8Array.of(0xff, 0xfe)),
      (_, answer) => answer.end(Buffer.alloc(NETWORK_FILE_BYTES_MAX + 1, 0x20)),
      (request) => request.destroy(),
    ];
    for (const listener of answers) {
      expect(await fetchNetworkFile(await serve(listener))).toBeUndefined();
      server?.close();
    }
    expect(await fetchNetworkFile(new URL("http://127.0.0.1:1/network.json"))).toBeUndefined();
  });
});
