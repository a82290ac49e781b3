import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../src/core/values/amount.ts";
import { hash } from "../../src/core/values/hash.ts";
import { LightClient } from "../../src/engine/services/light-client.ts";
import { systemPlatform } from "../../src/node/cli/wallet/wallet-platform.ts";
import { MemoryClientStore } from "../../src/node/storage/memory-client-store.ts";
import { formatProof, parseProof } from "../../src/core/wallet/proof-text.ts";
import { CommandLineWallets, FAUCET_PAYS } from "../support/command-line-wallets.ts";
import { runStegos } from "../support/stegos-command.ts";

const PAID = 12_500_000n;

interface Row {
  readonly id: string;
  readonly direction: "in" | "out";
  readonly amount: string;
  readonly fee: string;
  readonly state: string;
  readonly note: string | null;
}

describe("stegos wallet on a real network", () => {
  let wallets: CommandLineWallets;

  beforeAll(async () => {
    wallets = await CommandLineWallets.start();
  }, 180_000);

  afterAll(() => wallets.end(), 60_000);

  const history = (name: string): Promise<readonly Row[]> => wallets.lines<Row>(name, ["history"]);

  let first: { words: string; address: string };
  let second: { words: string; address: string };
  let proof: string;

  it("creates, is paid by the faucet, pays a second wallet", { timeout: 300_000 }, async () => {
    first = await wallets.json("first", ["create"]);
    second = await wallets.json("second", ["create"]);
    expect(first.words.split(" ")).toHaveLength(24);
    await wallets.payByFaucet("first", first.address);

    const send = ["send", "--to", second.address, "--amount", "12.5", "--note", "tea"];
    const sent = await wallets.json<{ txid: string; state: string; fee: string }>("first", send);
    expect(sent.state).toBe("final");
    await wallets.balance("second", PAID);
    await wallets.balance("first", FAUCET_PAYS - PAID - BigInt(sent.fee));
    expect(await history("second")).toMatchObject([{ direction: "in", amount: PAID.toString(), note: "tea" }]);

    const made = await wallets.json<{ proof: string }>("first", ["prove", sent.txid]);
    ({ proof } = made);
  });

  it("a wallet with a view key alone sees the payment and cannot pay", { timeout: 300_000 }, async () => {
    // Shown without a network.
    const key = (await runStegos(["wallet", "view-key", "--data", join(wallets.folder, "second")])).out;
    const restored = await wallets.json<{ address: string; complete: boolean }>(
      "seeing",
      ["restore", "--view-only"],
      key,
    );
    // The one behind the address that was paid.
    expect(restored).toMatchObject({ address: expect.stringMatching(/^dstg1/) as string, complete: true });
    const seen = await wallets.json<{ received: string; tier: string }>("seeing", ["balance"]);
    expect(seen).toMatchObject({ received: PAID.toString(), tier: "view-received" });
    expect(await wallets.refusal("seeing", ["send", "--to", first.address, "--amount", "1"])).toContain("[view_only]");
  });

  it("the words bring the balance back in another folder", { timeout: 300_000 }, async () => {
    const restored = await wallets.json<{ complete: boolean }>("again", ["restore"], `${second.words}\n`);
    expect(restored.complete).toBe(true);
    await wallets.balance("again", PAID);
  });

  it("a proof is checked by anybody, a forged one is refused", { timeout: 300_000 }, async () => {
    const checked = await wallets.json<object>(undefined, ["verify-proof", proof]);
    expect(checked).toMatchObject({ valid: true, to: second.address, amount: PAID.toString() });
    const parsed = parseProof(proof);
    if (!parsed.ok) throw new Error("no proof");
    const { placed } = parsed;
    const forged = formatProof({ ...placed, proof: { ...placed.proof, amount: amount(99_000_000n) } });
    expect(await wallets.refusal(undefined, ["verify-proof", forged])).toContain("[does_not_pay]");
  });

  it("[AD-9] a request is paid by its link, and its maker sees it paid", { timeout: 600_000 }, async () => {
    const terms = ["request", "--amount", "2.5", "--note", "cake", "--reference", "7"];
    const made = await wallets.json<{ id: string; link: string }>("second", terms);
    expect(made.link.startsWith(`${wallets.devnet.url}/p#`)).toBe(true);
    expect(await wallets.refusal("second", ["send", "--to", made.link])).toContain("[request_own]");
    expect(await wallets.refusal("first", ["send", "--to", `${made.link}A`])).toContain("[request_malformed]");
    const sent = await wallets.json<{ amount: string }>("first", ["send", "--to", made.link]);
    expect(sent.amount).toBe("2500000");
    for (let attempt = 0; ; attempt++) {
      const listed = await wallets.json<{ status: string; received: string }>("second", ["requests"]);
      if (listed.status === "paid") {
        expect(listed).toMatchObject({ id: made.id, received: "2500000", note: "cake", reference: "7" });
        break;
      }
      if (attempt > 20) throw new Error(`the request is ${listed.status}`);
    }
    expect(await history("second")).toContainEqual(expect.objectContaining({ note: "cake\n7" }));
  });

  it("a payment whose command was killed is made once or not at all", { timeout: 300_000 }, async () => {
    const before = (await history("first")).filter(({ direction }) => direction === "out").length;
    const send = ["send", "--to", second.address, "--amount", "1"];
    for (const killAfterMs of [2_500, 5_000]) await wallets.run("first", send, "", killAfterMs);
    const settled = async (): Promise<readonly Row[]> => {
      for (;;) {
        const rows = (await history("first")).filter(({ direction }) => direction === "out");
        if (rows.every(({ state }) => state === "final" || state === "failed")) return rows;
      }
    };
    const rows = await settled();
    expect(rows.length - before).toBeLessThanOrEqual(2);
    const paid = rows.filter(({ state }) => state === "final").reduce((sum, row) => sum + BigInt(row.amount), 0n);
    const fees = rows.filter(({ state }) => state === "final").reduce((sum, row) => sum + BigInt(row.fee), 0n);
    await wallets.balance("second", paid);
    await wallets.balance("first", FAUCET_PAYS - paid - fees);
  });

  it(
    "[MS-13] [MS-14] a picture is put to all four nodes, and read by a client that knows its reference",
    { timeout: 300_000 },
    async () => {
      const open = async () => {
        const platform = systemPlatform.openEdges(new URL("/network.json", wallets.devnet.url));
        const failed = (error: unknown): void => expect.fail(String(error));
        const ports = { ...platform.edges, store: new MemoryClientStore(), emit: () => undefined, failed };
        const client = new LightClient({ ...ports, openCode: () => "storage_denied" });
        expect(await client.start()).toMatchObject({ ok: true });
        return { client, end: () => client.stop().finally(() => platform.close()) };
      };
      const picture = new Uint8Array(randomBytes(50_000));
      const creator = await open();
      const put = await creator.client.blobs.putFile(picture, "image/png");
      if (!put.ok) throw new Error(put.code);
      await expect.poll(() => creator.client.blobs.outgoing().length, { timeout: 120_000, interval: 200 }).toBe(0);
      await creator.end();
      const folders = (await readdir(wallets.devnet.directory, { recursive: true })).filter((path) =>
        path.endsWith("blobs"),
      );
      const files = await Promise.all(folders.map((path) => readdir(join(wallets.devnet.directory, path))));
      expect(files.map((names) => names.length)).toEqual([1, 1, 1, 1]);

      const stranger = await open();
      expect(await stranger.client.blobs.readFile(put.reference)).toEqual({ ok: true, content: picture });
      const [part] = put.reference.parts;
      const unknown = { ...part!, blobId: hash(part!.blobId.map((byte) => byte ^ 1)) };
      expect(await stranger.client.blobs.read(unknown)).toEqual({ ok: false, code: "missing" });
      await stranger.end();
    },
  );
});
