import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { amount } from "../../../../src/core/values/amount.ts";
import {
  encodePaymentRequest,
  formatRequestFragment,
  parseRequestFragment,
  type PaymentRequest,
} from "../../../../src/core/values/payment-request.ts";
import type { LightClient } from "../../../../src/engine/services/light-client.ts";
import { ClientWorld } from "../../../support/client-world.ts";

describe("requests of a light client", () => {
  let world: ClientWorld;
  let client: LightClient;

  beforeEach(async () => {
    world = new ClientWorld();
    await world.serve();
    client = await world.open();
    await client.accounts.create();
    await world.live();
  });

  afterEach(async () => {
    await world.close();
    expect(world.failures).toEqual([]);
  });

  async function made(terms: Parameters<LightClient["requests"]["make"]>[0]): Promise<string> {
    const result = await client.requests.make(terms);
    if (!result.ok) throw new Error(result.code);
    return result.id;
  }

  async function asked(id: string): Promise<PaymentRequest> {
    const parsed = parseRequestFragment((await client.requests.fragment(id)) ?? "");
    if (!parsed.ok) throw new Error(parsed.code);
    return parsed.request;
  }

  it("and labels of the history are there after a restart; what is in no history gets none", async () => {
    world.pay(await client.accounts.address({ fresh: false }), 2_000_000n);
    await world.balance(2_000_000n);
    const [row] = await client.views.history();
    await client.payments.label(row!.id, "rent\nMay");
    for (const id of ["leaf:999999", `pool:${"00".repeat(32)}`]) await client.payments.label(id, "nothing");
    await world.close();
    client = await world.open();
    await world.live();
    expect(await client.views.history()).toMatchObject([{ id: row!.id, label: "rent May" }]);
    await client.payments.label(row!.id, "");
    expect((await client.views.history())[0]).not.toHaveProperty("label");
  });

  it("[AD-9] are found paid by what arrives, and are there after a restart", async () => {
    const id = await made({ amount: amount(5_000_000n), note: " tea\n", reference: "" });
    const link = `https://x.example/p#${await client.requests.fragment(id)}`;
    expect(await asked(id)).toMatchObject({ amount: 5_000_000n, note: "tea", reference: undefined });
    const read = await client.requests.read(link);
    if (!read.ok) throw new Error(read.code);
    expect(read.request).toMatchObject({ amount: 5_000_000n, ownId: id });
    expect(read.request.to).not.toBe(await client.accounts.address({ fresh: false }));
    expect(await client.views.requests()).toMatchObject([{ id, received: 0n, incoming: 0n, isCancelled: false }]);

    world.pay(read.request.to, 2_000_000n);
    await world.balance(2_000_000n);
    expect(await client.views.requests()).toMatchObject([{ id, received: 2_000_000n }]);
    const other = await made({});
    await client.requests.cancel(other);
    await world.close();
    client = await world.open();
    await world.live();
    expect(await client.views.requests()).toMatchObject([
      { id: other, isCancelled: true, amount: undefined },
      { id, received: 2_000_000n, note: "tea" },
    ]);
    expect(await client.requests.fragment(id)).toBe(link.split("#")[1]);
  });

  it("[AD-8] refuse what no link can say, by a code each", async () => {
    const codes = [
      await client.requests.make({ amount: amount(0n) }),
      await client.requests.make({ note: "n".repeat(60), reference: "12345" }),
      await client.requests.make({ expiresMs: 1 }),
    ];
    expect(codes).toEqual([
      { ok: false, code: "amount_zero" },
      { ok: false, code: "note_too_long" },
      { ok: false, code: "already_over" },
    ]);
    expect(await client.views.requests()).toEqual([]);
    expect(await client.requests.fragment("00".repeat(16))).toBeUndefined();
    await client.requests.cancel("00".repeat(16));
  });

  it("[AD-9] two taps at once make two requests, and the 49th is refused, not lost", async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => client.requests.make({})));
    expect(results.filter(({ ok }) => ok).length).toBe(48);
    expect(results.slice(48)).toEqual(Array(2).fill({ ok: false, code: "too_many_open" }));
    expect(new Set((await client.views.requests()).map(({ id }) => id)).size).toBe(48);
  });

  it("[AD-3] [AD-8] read no link of another chain, and none whose address nobody can hold", async () => {
    const request = await asked(await made({ amount: amount(7n) }));
    const readAs = (change: Partial<PaymentRequest>) =>
      client.requests.read(`/p#${formatRequestFragment({ ...request, ...change })}`);
    expect(await readAs({})).toMatchObject({ ok: true });
    expect(await readAs({ amount: amount(8n) })).toMatchObject({ ok: true, request: { ownId: undefined } });
    expect(await readAs({ chainId: request.chainId + 1 })).toEqual({ ok: false, code: "wrong_network" });
    expect(await readAs({ chainId: 1 })).toEqual({ ok: false, code: "wrong_network" });
    const keys = { ...request.keys, viewKey: new Uint8Array(32) };
    expect(await readAs({ keys })).toEqual({ ok: false, code: "bad_points" });
    expect(await client.requests.read("/p#AAAA")).toEqual({ ok: false, code: "malformed" });
    expect(await client.requests.read(`/p#${"A".repeat(300)}`)).toEqual({ ok: false, code: "too_long" });
    expect(encodePaymentRequest(request).length).toBeLessThan(152);
  });
});
