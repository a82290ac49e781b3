import { describe, expect, it, vi } from "vitest";
import { Formats } from "../../../src/app/i18n/formats.ts";
import { CheckpointState } from "../../../src/app/state/checkpoint.svelte.ts";
import { Drafts } from "../../../src/app/state/drafts.svelte.ts";
import { historyFile } from "../../../src/app/state/history-file.ts";
import { NetworkState } from "../../../src/app/state/network.svelte.ts";
import { nodePlace } from "../../../src/app/state/node-place.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { FAKE_CHECKPOINT, FakeClient, fakeRow, NETWORK } from "../../support/fake-client.ts";

async function started() {
  const fake = new FakeClient();
  const session = new Session(() => ({ client: fake, close: () => undefined }));
  await session.start();
  return { fake, session };
}

describe("nodes and data", () => {
  it("are asked for while somebody looks, and not after", async () => {
    vi.useFakeTimers();
    try {
      const { fake, session } = await started();
      const network = new NetworkState(session);
      const stop = network.watch();
      await vi.advanceTimersByTimeAsync(5_000);
      expect([network.view, fake.calls.filter(({ name }) => name === "network").length]).toEqual([NETWORK, 3]);
      stop();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(fake.calls.filter(({ name }) => name === "network").length).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it("stay as they were when the client does not answer", async () => {
    const { fake, session } = await started();
    const network = new NetworkState(session);
    await network.look();
    fake.broken.add("network");
    await network.look();
    expect([network.view, network.isFailed]).toEqual([NETWORK, true]);
  });

  it("come with the name of what computes, asked for until it is known", async () => {
    vi.useFakeTimers();
    try {
      const { fake, session } = await started();
      fake.answers.backend = undefined;
      const network = new NetworkState(session);
      const stop = network.watch();
      const asked = () => fake.calls.filter(({ name }) => name === "backend").length;
      await vi.advanceTimersByTimeAsync(5_000);
      expect([network.backend, asked()]).toEqual([undefined, 3]);
      fake.broken.add("backend");
      await vi.advanceTimersByTimeAsync(2_000);
      fake.broken.delete("backend");
      fake.answers.backend = "wasm fma";
      await vi.advanceTimersByTimeAsync(10_000);
      expect([network.backend, asked()]).toEqual(["wasm fma", 5]);
      stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it("asks one question at a time, since a worker that is asked does not end", async () => {
    const { fake, session } = await started();
    fake.silent.add("backend");
    const network = new NetworkState(session);
    void network.lookForBackend();
    void network.lookForBackend();
    expect(fake.calls.filter(({ name }) => name === "backend").length).toBe(1);
  });

  it("show hosts and ports, and what is none as it is", () => {
    expect(nodePlace("/ip4/127.0.0.1/tcp/4101/ws")).toBe("127.0.0.1:4101");
    expect(nodePlace("/ip6/::1/udp/4101/webrtc-direct/certhash/u")).toBe("[::1]:4101");
    expect(nodePlace("/dns4/node.example/tcp/443/wss")).toBe("node.example:443");
    expect(nodePlace("/unix/a")).toBe("/unix/a");
  });

  it("are counted in the largest unit that leaves a digit", () => {
    const formats = new Formats("en");
    expect([0, 999, 1_000, 1_234_567, 98_765_432_100].map((count) => formats.bytes(count))).toEqual([
      "0 byte",
      "999 byte",
      "1 kB",
      "1.2 MB",
      "98.8 GB",
    ]);
  });
});

it("the history is saved as a file named by its day, a table with its byte order mark", () => {
  const rows = [fakeRow({ id: "a", memo: "=1+1" })];
  const csv = historyFile(rows, "csv", Date.UTC(2026, 4, 4, 23));
  expect([csv.name, csv.text.charCodeAt(0)]).toEqual(["stegos-history-2026-05-04.csv", 0xfeff]);
  expect(csv.text).toContain("'=1+1");
  const json = historyFile(rows, "json", Date.UTC(2026, 4, 4, 23));
  expect([json.name, JSON.parse(json.text)]).toMatchObject(["stegos-history-2026-05-04.json", [{ id: "a" }]]);
});

describe("checkpoints", () => {
  it("are shown, or said to be none", async () => {
    const { fake, session } = await started();
    const checkpoint = new CheckpointState(session, new Drafts().checkpoint);
    await checkpoint.show();
    expect(checkpoint.shown).toEqual(FAKE_CHECKPOINT);
    fake.answers.checkpoint = undefined;
    await checkpoint.show();
    expect(checkpoint.shown).toBeNull();
    fake.broken.add("checkpoint");
    await checkpoint.show();
    expect(checkpoint.shown).toBeNull();
  });

  it("that are refused say why, until another one is typed", async () => {
    const { fake, session } = await started();
    const checkpoint = new CheckpointState(session, new Drafts().checkpoint);
    fake.answers.enterCheckpoint = { ok: false, code: "unknown_word", index: 4 };
    checkpoint.draft.text = "9870 legal";
    await checkpoint.take();
    expect(checkpoint.problem).toMatchObject({ code: "unknown_word", index: 4 });
    checkpoint.draft.text = "9870 legal winner";
    expect(checkpoint.problem).toBeUndefined();
    fake.broken.add("enterCheckpoint");
    await checkpoint.take();
    expect([checkpoint.problem?.code, checkpoint.isTaken]).toEqual(["failed", false]);
    fake.broken.clear();
    fake.answers.enterCheckpoint = { ok: true };
    await checkpoint.take();
    expect([checkpoint.problem, checkpoint.isTaken]).toEqual([undefined, true]);
  });
});
