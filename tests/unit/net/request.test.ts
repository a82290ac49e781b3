import { beforeEach, describe, expect, it } from "vitest";
import type { FrameStream, NetworkPort } from "../../../src/core/ports/network-port.ts";
import { requestOne, RequestError, requestStream } from "../../../src/net/requests/request.ts";
import { encodeErrorFrame, END_FRAME, ERROR_CODE } from "../../../src/wire/frame.ts";
import { PROTOCOL } from "../../../src/wire/protocols.ts";
import { FakeNetwork } from "../../support/fake-network.ts";
import { eventually } from "../../support/eventually.ts";

const { name, asked, served } = PROTOCOL.hdr;
const QUESTION = Uint8Array.of(1, 42);

describe("requests", () => {
  let server: NetworkPort;
  let client: NetworkPort;
  let ends: string[];

  beforeEach(async () => {
    const network = new FakeNetwork();
    server = network.join("server");
    client = network.join("client");
    await client.dial("/fake/server", 10_000);
    ends = [];
  });

  const serve = (answer: (stream: FrameStream) => Promise<void>): Promise<void> =>
    server.serve(name, served, async (stream) => {
      void stream.closed.then(() => ends.push("closed"));
      for await (const frame of stream.frames()) {
        expect(frame).toEqual(QUESTION);
        await answer(stream);
      }
    });
  const items =
    (...numbers: readonly number[]) =>
    async (stream: FrameStream): Promise<void> => {
      for (const number of numbers) await stream.send(Uint8Array.of(1, number));
      await stream.send(END_FRAME);
    };
  const ask = (timeoutMs = 10_000, signal?: AbortSignal): Promise<Uint8Array> => {
    return requestOne(client, "server", name, asked, QUESTION, timeoutMs, signal);
  };
  const codeOf = async (promise: Promise<unknown>): Promise<string> => {
    try {
      await promise;
      return "";
    } catch (error) {
      return error instanceof RequestError ? error.code : String(error);
    }
  };
  const collect = async (idleMs?: number): Promise<number[]> => {
    const options = { firstMs: 10_000, ...(idleMs === undefined ? {} : { idleMs }) };
    const got: number[] = [];
    for await (const frame of requestStream(client, "server", name, asked, QUESTION, options)) got.push(frame[1]!);
    return got;
  };

  it("takes one frame, and the stream is over on both sides", async () => {
    await serve(items(7));
    expect(await ask()).toEqual(Uint8Array.of(1, 7));
    await eventually(() => expect(ends).toEqual(["closed"]));
  });

  it("takes many frames up to the end", async () => {
    await serve(items(1, 2, 3));
    expect(await collect(100)).toEqual([1, 2, 3]);
  });

  it("is `broken` when one frame was asked for and none or two came, or the end is missing", async () => {
    await serve(items());
    expect(await codeOf(ask())).toBe("broken");
    await serve(items(1, 2));
    expect(await codeOf(ask())).toBe("broken");
    await serve(async (stream) => {
      await stream.send(Uint8Array.of(1, 1));
      await stream.close();
    });
    expect(await codeOf(collect())).toBe("broken");
    await serve((stream) => {
      stream.abort("no");
      return Promise.resolve();
    });
    expect(await codeOf(ask())).toBe("broken");
    expect(await codeOf(requestOne(client, "server", "unknown", asked, QUESTION, 10_000))).toBe("broken");
  });

  it("is `refused` with what the server said", async () => {
    await serve((stream) => stream.send(encodeErrorFrame({ code: ERROR_CODE.unavailable, text: "pruned" })));
    const refusal = await ask().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "refused", refusal: { code: ERROR_CODE.unavailable, text: "pruned" } });
    await serve((stream) => stream.send(Uint8Array.of(255, 1)));
    expect(await codeOf(ask())).toBe("broken");
  });

  it("is a `timeout` when nothing comes, at first or in between, and the server's stream ends", async () => {
    await serve((stream) => stream.closed);
    expect(await codeOf(ask(20))).toBe("timeout");
    await serve(async (stream) => {
      await stream.send(Uint8Array.of(1, 1));
      await stream.closed;
    });
    expect(await codeOf(collect(20))).toBe("timeout");
    await eventually(() => expect(ends).toEqual(["closed", "closed"]));
  });

  it("can be cancelled, before and while it waits", async () => {
    await serve((stream) => stream.closed);
    const controller = new AbortController();
    const waiting = codeOf(ask(10_000, controller.signal));
    setTimeout(() => controller.abort(), 10);
    expect(await waiting).toBe("cancelled");
    expect(await codeOf(ask(10_000, controller.signal))).toBe("cancelled");
  });

  it("aborts the stream when its reader leaves early", async () => {
    await serve(async (stream) => {
      await stream.send(Uint8Array.of(1, 1));
      await stream.closed;
    });
    for await (const frame of requestStream(client, "server", name, asked, QUESTION, { firstMs: 10_000 })) {
      expect(frame).toEqual(Uint8Array.of(1, 1));
      break;
    }
    await eventually(() => expect(ends).toEqual(["closed"]));
  });
});
