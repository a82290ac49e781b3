import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../src/core/values/amount.ts";
import { formatProof, parseProof } from "../../src/core/wallet/proof-text.ts";
import { removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const FAUCET = 1_000_000_000n;
const PAID = 12_500_000n;

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly notes: string;
}

interface Row {
  readonly id: string;
  readonly direction: "in" | "out";
  readonly amount: string;
  readonly fee: string;
  readonly state: string;
  readonly note: string | null;
}

describe("stegos wallet on a real network", () => {
  let devnet: Devnet;
  let folder: string;
  const data = (name: string): readonly string[] => ["--data", join(folder, name)];
  const network = (): readonly string[] => ["--network", devnet.url, "--timeout", "120"];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "stegos-cli-wallet-"));
    devnet = await startDevnet({ fast: true });
  }, 180_000);

  afterAll(async () => {
    await devnet.stop();
    await removeDevnet(devnet);
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  function run(args: readonly string[], input = "", killAfterMs?: number): Promise<Ran> {
    const child = spawn(process.execPath, ["src/node/cli/main.ts", "wallet", ...args], {
      cwd: ROOT,
      env: { ...process.env, STEGOS_PASSPHRASE: "correct horse" },
    });
    let [out, notes] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (notes += chunk.toString()));
    child.stdin.end(input);
    if (killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, notes })));
  }

  async function json<T>(args: readonly string[], input = ""): Promise<T> {
    const ran = await run([...args, "--json"], input);
    expect(ran, `${args.join(" ")}: ${ran.notes}`).toMatchObject({ code: 0 });
    return JSON.parse(ran.out) as T;
  }

  async function history(name: string): Promise<readonly Row[]> {
    const ran = await run(["history", ...data(name), ...network(), "--json"]);
    expect(ran.code).toBe(0);
    return ran.out
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Row);
  }

  /** The balance once it is this, as `balance` says it. */
  async function balance(name: string, total: bigint): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const found = await json<{ total: string }>(["balance", ...data(name), ...network()]);
      if (found.total === total.toString()) return;
      if (attempt > 20) throw new Error(`${name} has ${found.total}, not ${total}`);
    }
  }

  let first: { words: string; address: string };
  let second: { words: string; address: string };
  let proof: string;

  it("creates, is paid by the faucet, pays a second wallet", { timeout: 300_000 }, async () => {
    first = await json(["create", ...data("first"), ...network()]);
    second = await json(["create", ...data("second"), ...network()]);
    expect(first.words.split(" ")).toHaveLength(24);
    const answer = await fetch(`${devnet.url}/faucet`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ address: first.address }),
    });
    expect(answer.status).toBe(200);
    await balance("first", FAUCET);

    const send = ["send", "--to", second.address, "--amount", "12.5", "--note", "tea"];
    const sent = await json<{ txid: string; state: string; fee: string }>([...send, ...data("first"), ...network()]);
    expect(sent.state).toBe("final");
    await balance("second", PAID);
    await balance("first", FAUCET - PAID - BigInt(sent.fee));
    expect(await history("second")).toMatchObject([{ direction: "in", amount: PAID.toString(), note: "tea" }]);

    const made = await json<{ proof: string }>(["prove", sent.txid, ...data("first"), ...network()]);
    ({ proof } = made);
  });

  it("a wallet with a view key alone sees the payment and cannot pay", { timeout: 300_000 }, async () => {
    const key = (await run(["view-key", ...data("second")])).out;
    const restored = await json<{ address: string; complete: boolean }>(
      ["restore", "--view-only", ...data("seeing"), ...network()],
      key,
    );
    // The one behind the address that was paid.
    expect(restored).toMatchObject({ address: expect.stringMatching(/^dstg1/) as string, complete: true });
    const seen = await json<{ received: string; tier: string }>(["balance", ...data("seeing"), ...network()]);
    expect(seen).toMatchObject({ received: PAID.toString(), tier: "view-received" });
    const refused = await run(["send", "--to", first.address, "--amount", "1", ...data("seeing"), ...network()]);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.notes).toContain("[view_only]");
  });

  it("the words bring the balance back in another folder", { timeout: 300_000 }, async () => {
    const restored = await json<{ complete: boolean }>(
      ["restore", ...data("again"), ...network()],
      `${second.words}\n`,
    );
    expect(restored.complete).toBe(true);
    await balance("again", PAID);
  });

  it("a proof is checked by anybody, a forged one is refused", { timeout: 300_000 }, async () => {
    const checked = await json<{ valid: boolean; to: string; amount: string }>(["verify-proof", proof, ...network()]);
    expect(checked).toMatchObject({ valid: true, to: second.address, amount: PAID.toString() });
    const parsed = parseProof(proof);
    if (!parsed.ok) throw new Error("no proof");
    const { placed } = parsed;
    const forged = formatProof({ ...placed, proof: { ...placed.proof, amount: amount(99_000_000n) } });
    const refused = await run(["verify-proof", forged, ...network()]);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.notes).toContain("[does_not_pay]");
  });

  it("[AD-9] a request is paid by its link, and its maker sees it paid", { timeout: 600_000 }, async () => {
    const terms = ["request", "--amount", "2.5", "--note", "cake", "--reference", "7"];
    const made = await json<{ id: string; link: string }>([...terms, ...data("second"), ...network()]);
    expect(made.link.startsWith(`${devnet.url}/p#`)).toBe(true);
    const own = await run(["send", "--to", made.link, ...data("second"), ...network()]);
    expect(own).toMatchObject({ code: 1, out: "" });
    expect(own.notes).toContain("[request_own]");
    const broken = await run(["send", "--to", `${made.link}A`, ...data("first"), ...network()]);
    expect(broken.notes).toContain("[request_malformed]");
    const sent = await json<{ amount: string }>(["send", "--to", made.link, ...data("first"), ...network()]);
    expect(sent.amount).toBe("2500000");
    for (let attempt = 0; ; attempt++) {
      const listed = await json<{ status: string; received: string }>(["requests", ...data("second"), ...network()]);
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
    const send = ["send", "--to", second.address, "--amount", "1", ...data("first"), ...network()];
    for (const killAfterMs of [2_500, 5_000]) await run(send, "", killAfterMs);
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
    await balance("second", paid);
    await balance("first", FAUCET - paid - fees);
  });
});
