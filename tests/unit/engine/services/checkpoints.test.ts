import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatCheckpoint, parseCheckpoint } from "../../../../src/core/sync/checkpoint-words.ts";
import { hash } from "../../../../src/core/values/hash.ts";
import { height } from "../../../../src/core/values/height.ts";
import { ClientWorld, SERVERS } from "../../../support/client-world.ts";

describe("checkpoints that people pass on", () => {
  let world: ClientWorld;

  beforeEach(async () => {
    world = new ClientWorld();
    await world.serve();
  });

  afterEach(async () => {
    await world.close();
  });

  it("[LC-4] one device shows the newest boundary it trusts, another one asks nodes for it and takes it", async () => {
    const first = await world.open();
    expect(await first.network.checkpoint()).toBeUndefined();
    await world.makeWallet();
    const shown = await first.network.checkpoint();
    const { header } = world.server.genesis;
    expect(shown).toMatchObject({ height: header.height, timeMs: header.time });
    expect(shown!.text).toBe(`${shown!.height} ${shown!.words}`);
    expect(parseCheckpoint(shown!.text)).toMatchObject({ ok: true, name: { height: header.height } });
    // It knows this block itself, and no other of that height.
    expect(await first.network.enterCheckpoint(shown!.text)).toEqual({ ok: true });
    const other = formatCheckpoint({ height: header.height, blockId: hash(new Uint8Array(32).fill(7)) });
    expect(await first.network.enterCheckpoint(other.text)).toEqual({ ok: false, code: "other_chain" });
    await first.stop();

    const before = world.server.asked.filter(({ protocol }) => protocol === "hdr").length;
    const second = await world.open("another device");
    expect(await second.network.enterCheckpoint(` ${shown!.text.toUpperCase()}\n`)).toEqual({ ok: true });
    expect(world.server.asked.filter(({ protocol }) => protocol === "hdr").length).toBeGreaterThan(before);
  });

  it("[LC-4] says what is wrong with a text before it asks anybody, and that nodes know no such block", async () => {
    const client = await world.open();
    const known = formatCheckpoint({ height: height(0), blockId: hash(new Uint8Array(32).fill(9)) });
    expect(await client.network.enterCheckpoint("")).toEqual({ ok: false, code: "empty" });
    expect(await client.network.enterCheckpoint("12 legal winner thanks")).toEqual({
      ok: false,
      code: "unknown_word",
      index: 2,
    });
    expect(await client.network.enterCheckpoint(known.words)).toEqual({ ok: false, code: "no_height" });
    expect(await client.network.enterCheckpoint(known.text)).toEqual({ ok: false, code: "not_found" });
  });

  it("is answered also when the client stops meanwhile, or knows no network", async () => {
    const client = await world.open();
    for (const name of SERVERS) await world.network.portOf(name)?.stop();
    const known = formatCheckpoint({ height: height(0), blockId: hash(new Uint8Array(32).fill(9)) });
    const entered = client.network.enterCheckpoint(known.text);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await client.stop();
    expect(await entered).toEqual({ ok: false, code: "not_ready" });
    expect(await client.network.enterCheckpoint(known.text)).toEqual({ ok: false, code: "not_ready" });
    expect(await client.network.checkpoint()).toBeUndefined();
  });
});
