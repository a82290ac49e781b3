import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NetworkPort } from "../../../../src/core/ports/network-port.ts";
import { requestOne, type RequestError } from "../../../../src/net/requests/request.ts";
import { RequestGuard } from "../../../../src/node/network/request-guard.ts";
import { serveRequests } from "../../../../src/node/network/serve-requests.ts";
import { ERROR_CODE } from "../../../../src/wire/frame.ts";
import { REQUESTS_BURST_MAX, REQUESTS_PER_S_MAX } from "../../../../src/wire/limits.ts";
import { PROTOCOL } from "../../../../src/wire/protocols.ts";
import { decodePeersRequest, encodePeersRequest } from "../../../../src/wire/requests/peers.ts";
import { FakeNetwork } from "../../../support/fake-network.ts";

class Faults {
  readonly told: string[] = [];
  readonly guard: RequestGuard;
  nowMs = 0;

  constructor() {
    const tell = (fault: string) => (peer: string) => void this.told.push(`${fault} ${peer}`);
    const faults = { malformed: tell("malformed"), tooMany: tell("too many"), rejected: tell("rejected") };
    this.guard = new RequestGuard(faults, () => this.nowMs);
  }
}

describe("the pace of requests", () => {
  it("REQUESTS_BURST_MAX, REQUESTS_PER_S_MAX: so many at once, then so many a second, each peer by itself", () => {
    const faults = new Faults();
    const admitted = (peer: string): number => {
      let count = 0;
      while (faults.guard.admits(peer)) count++;
      return count;
    };
    expect(admitted("a")).toBe(REQUESTS_BURST_MAX);
    expect(faults.told).toEqual(["too many a"]);
    expect(admitted("b")).toBe(REQUESTS_BURST_MAX);
    faults.nowMs += 1_000;
    expect(admitted("a")).toBe(REQUESTS_PER_S_MAX);
    // Whoever leaves and comes again has no fresh burst: nothing tells the guard that he left.
    expect(admitted("a")).toBe(0);
    faults.nowMs += 60_000;
    expect(admitted("a")).toBe(REQUESTS_BURST_MAX);
  });

  it("[NW-16] what a judge rejects is told, what it ignores or accepts is not", async () => {
    const faults = new Faults();
    const verdicts = ["accept", "ignore", "reject"] as const;
    for (const verdict of verdicts) {
      const judge = faults.guard.judged(() => Promise.resolve({ verdict, reason: "test" }));
      expect(await judge(new Uint8Array(1), verdict)).toMatchObject({ verdict });
    }
    expect(faults.told).toEqual(["rejected reject"]);
  });
});

describe("a server with a guard", () => {
  let server: NetworkPort;
  let client: NetworkPort;
  let faults: Faults;
  beforeEach(async () => {
    const network = new FakeNetwork();
    [server, client] = [network.join("server"), network.join("client")];
    faults = new Faults();
    const answer = function* (request: Uint8Array): Iterable<Uint8Array> {
      decodePeersRequest(request);
      yield Uint8Array.of(1, 7);
    };
    await serveRequests(server, PROTOCOL.peers, answer, faults.guard);
    await client.dial("/fake/server", 1_000);
  });
  afterEach(() => Promise.all([server.stop(), client.stop()]));

  const ask = (frame: Uint8Array): Promise<Uint8Array> => {
    return requestOne(client, "server", PROTOCOL.peers.name, PROTOCOL.peers.asked, frame, 1_000);
  };
  const codeOf = (frame: Uint8Array): Promise<number | undefined> => {
    return ask(frame).then(
      () => undefined,
      (error: unknown) => (error as RequestError).refusal?.code,
    );
  };

  it("[NW-1] answers what is in pace, and says that it is busy beyond", async () => {
    for (let count = 0; count < REQUESTS_BURST_MAX; count++) {
      expect(await ask(encodePeersRequest())).toEqual(Uint8Array.of(1, 7));
    }
    expect(await codeOf(encodePeersRequest())).toBe(ERROR_CODE.busy);
    expect(faults.told).toEqual(["too many client"]);
    faults.nowMs += 1_000;
    expect(await codeOf(encodePeersRequest())).toBeUndefined();
  });

  it("[NW-16] tells of a request that is none", async () => {
    expect(await codeOf(Uint8Array.of(9, 9))).toBe(ERROR_CODE.malformed);
    expect(faults.told).toEqual(["malformed client"]);
  });
});
