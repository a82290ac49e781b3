import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { formatCheckpoint } from "../../../../../src/core/sync/checkpoint-words.ts";
import { hash } from "../../../../../src/core/values/hash.ts";
import { height } from "../../../../../src/core/values/height.ts";
import { parseRecoveryWords } from "../../../../../src/core/values/recovery-words.ts";
import { deriveAccount } from "../../../../../src/core/wallet/keys.ts";
import { formatProof, parseProof } from "../../../../../src/core/wallet/proof-text.ts";
import { parseViewKey } from "../../../../../src/core/wallet/view-key-text.ts";
import { runCommand } from "../../../../../src/node/cli/run-command.ts";
import type { Terminal } from "../../../../../src/node/cli/wallet/terminal.ts";
import { walletGroup } from "../../../../../src/node/cli/wallet/wallet.ts";
import type { WalletPlatform } from "../../../../../src/node/cli/wallet/wallet-platform.ts";
import { testEdges } from "../../../../support/client-edges.ts";
import { ServedLedger, type Tamper } from "../../../../support/served-ledger.ts";
import { MemoryClientStore } from "../../../../../src/node/storage/memory-client-store.ts";
import { curve } from "../../../../support/wallet-vectors.ts";

const NETWORK = "http://wallet.test";
const NO_FOLDER = "";

/** What a command printed and how it ended. */
interface Ran {
  readonly code: number;
  readonly out: readonly string[];
  readonly notes: readonly string[];
}

/** Wallet commands over a fake network, with folders of their own. */
class Commands {
  readonly world: ServedLedger;
  readonly root: string;
  passphrase: string | undefined = "correct horse";
  /** What a person types, in order; undefined: nobody is there. */
  typed: string[] | undefined;
  input = "";
  hasNetwork = true;
  /** Called when a person is asked something, before they answer. */
  asked: () => Promise<void> = () => Promise.resolve();
  /** Whether the worker that makes payments dies over each. */
  isPayingBroken = false;
  /** Called once the network file was read. */
  fetched: () => void = () => undefined;
  #runs = 0;
  #interrupts = new Set<() => void>();

  constructor(world: ServedLedger, root: string) {
    this.world = world;
    this.root = root;
  }

  /** Ctrl-C, as often as it takes: a command that is still starting does not listen yet. */
  async interrupt<T>(running: Promise<T>): Promise<T> {
    const timer = setInterval(() => {
      for (const interrupt of this.#interrupts) interrupt();
    }, 20);
    return running.finally(() => clearInterval(timer));
  }

  /** `out` grows while the command runs. */
  async run(words: string, folder = "first", out: string[] = []): Promise<Ran> {
    const notes: string[] = [];
    const data = folder === NO_FOLDER ? [] : ["--data", join(this.root, folder)];
    const needsNetwork = !/^(words|view-key)/.test(words);
    const args = [...words.split(" "), ...data, ...(needsNetwork ? ["--network", NETWORK] : [])];
    const root = walletGroup(() => Promise.resolve(this.#platform()));
    const code = await runCommand(root, args, { out: (line) => out.push(line), note: (line) => notes.push(line) });
    return { code, out, notes };
  }

  async json(words: string, folder = "first"): Promise<Record<string, unknown>> {
    const ran = await this.run(`${words} --json`, folder);
    expect(ran, words).toMatchObject({ code: 0 });
    return JSON.parse(ran.out[0]!) as Record<string, unknown>;
  }

  /** Blocks with what was handed in, until the work is done. */
  async mining<T>(work: Promise<T>): Promise<T> {
    const timer = setInterval(() => {
      if (this.world.server.submitted.length > 0) this.world.mine();
    }, 100);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  }

  #platform(): WalletPlatform {
    const terminal: Terminal = {
      passphrase: () => this.passphrase,
      isInteractive: this.typed !== undefined,
      ask: async () => {
        await this.asked();
        return this.typed!.shift()!;
      },
      readInput: (sizeMax) => Promise.resolve(this.input.length > sizeMax ? undefined : this.input),
      progress: () => undefined,
    };
    return {
      terminal,
      openEdges: (url) => {
        expect(url.href).toBe(`${NETWORK}/network.json`);
        const { store: _, ...edges } = testEdges({
          store: new MemoryClientStore(),
          startMs: this.world.timeMs + 500,
          label: `wallet command ${this.root} ${this.#runs++}`,
          fetchNetworkFile: () => {
            const file = this.hasNetwork ? this.world.networkFile : undefined;
            this.fetched();
            return Promise.resolve(file);
          },
          openHost: () => this.world.openHost(),
        });
        const { jobs } = edges;
        const dying = { ...jobs, buildPayment: () => Promise.resolve(undefined) };
        return { edges: this.isPayingBroken ? { ...edges, jobs: dying } : edges, close: () => Promise.resolve() };
      },
      passphraseCostLog2: 4,
      interrupted: () => new Promise((resolve) => this.#interrupts.add(() => resolve(undefined))),
    };
  }
}

let root: string;
let count = 0;
let commands: Commands;
beforeAll(async () => (root = await mkdtemp(join(tmpdir(), "stegos-cli-"))));
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  const world = await ServedLedger.open({ "node-a": undefined, "node-b": undefined, "node-c": undefined });
  commands = new Commands(world, join(root, `case ${count++}`));
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function create(folder = "first"): Promise<{ readonly words: string; readonly address: string }> {
  return (await commands.json("create", folder)) as { words: string; address: string };
}

describe("stegos wallet", () => {
  it("makes a wallet, is paid, pays, proves it, and another checks the proof", { timeout: 60_000 }, async () => {
    const { words, address } = await create();
    const parsed = parseRecoveryWords(words);
    expect(parsed.ok).toBe(true);
    commands.world.pay(address, 900_000_000n);
    expect(await commands.json("balance")).toEqual({ total: "900000000", usable: "900000000", height: 1 });
    expect((await commands.run("balance")).out).toEqual(["900 STG"]);

    const second = await create("second");
    const sent = (await commands.mining(commands.json(`send --to ${second.address} --amount 12.5 --note tea`))) as {
      txid: string;
      state: string;
    };
    expect(sent).toMatchObject({ state: "final", amount: "12500000" });
    expect(await commands.json("balance", "second")).toMatchObject({ total: "12500000" });

    const history = await commands.run("history --json");
    expect(history.out.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: sent.txid, direction: "out", amount: "12500000", state: "final", note: "tea", to: second.address },
      { direction: "in", amount: "900000000" },
    ]);
    const csv = await commands.run("history --csv", "second");
    expect(csv.out.join("\n")).toMatch(/^time,direction,amount_stg.*\r\n.*,in,12\.5,0,final,\d+,,tea,leaf:\d+,,$/);

    const { out, notes } = await commands.run(`prove ${sent.txid}`);
    expect(notes.join()).not.toContain("tea");
    const proof = out[0]!;
    const checked = await commands.run(`verify-proof ${proof} --json`, NO_FOLDER);
    expect(JSON.parse(checked.out[0]!)).toMatchObject({ valid: true, to: second.address, amount: "12500000" });
    expect((await commands.run(`verify-proof ${proof}`, undefined)).out[0]).toMatch(/^paid 12\.5 STG to dstg1/);

    const { placed } = parseProof(proof) as Extract<ReturnType<typeof parseProof>, { ok: true }>;
    const forged = formatProof({ ...placed, proof: { ...placed.proof, amount: 99_000_000n as never } });
    const refused = await commands.run(`verify-proof ${forged}`, NO_FOLDER);
    expect(refused).toMatchObject({ code: 1, out: [] });
    expect(refused.notes.join()).toContain("[does_not_pay]");
  });

  it("says what it refuses by a code, one line, exit code 1, and what it does not understand by 2", async () => {
    const { address } = await create();
    commands.world.pay(address, 5_000_000n);
    const cases: readonly (readonly [string, number, string])[] = [
      [`send --to ${address} --amount 7`, 1, "[insufficient_funds]"],
      ["send --to dstg1nobody --amount 1", 1, "[address_invalid]"],
      [`send --to ${address} --amount 0`, 1, "[amount_zero]"],
      [`send --to ${address} --amount 1 --note ${"x".repeat(500)}`, 1, "[memo_too_long]"],
      [`send --to ${address} --amount much`, 2, "--amount takes STG"],
      [`send --to ${address}`, 2, "--amount is needed"],
      ["prove abc", 2, "64 digits"],
      [`prove ${"0".repeat(64)}`, 1, "[unknown_payment]"],
      ["history --json --csv", 2, "exclude each other"],
      ["create", 1, "[wallet_exists]"],
      ["verify-proof dstgproof1", 1, "[not_a_proof]"],
      ["balance --timeout 0", 2, "--timeout takes"],
    ];
    for (const [words, code, note] of cases) {
      const ran = await commands.run(words);
      expect(ran, words).toMatchObject({ code, out: [] });
      expect(ran.notes, words).toHaveLength(1);
      expect(ran.notes[0], words).toContain(note);
    }
    commands.hasNetwork = false;
    expect((await commands.run("balance")).notes.join()).toContain("[no_network_file]");
    expect((await commands.run("balance", "nothing here")).notes.join()).toContain("[no_wallet]");
  });

  it("leaves nothing behind when a wallet cannot be made", async () => {
    const nothing = async (words: string, note: string): Promise<void> => {
      const ran = await commands.run(words, "new");
      expect(ran, words).toMatchObject({ code: 1, out: [] });
      expect(ran.notes.join(), words).toContain(note);
      expect(await readdir(commands.root).catch(() => [])).toEqual([]);
    };
    commands.hasNetwork = false;
    await nothing("create", "[no_network_file]");
    commands.hasNetwork = true;
    commands.input = "abandon ability";
    await nothing("restore", "[words_invalid]");
    commands.input = "x".repeat(10_000);
    await nothing("restore", "[words_invalid]");
    commands.input = "stgview1";
    await nothing("restore --view-only", "[view_key_invalid]");
    commands.passphrase = undefined;
    await nothing("create", "[passphrase_needed]");
    commands.typed = ["one", "other"];
    await nothing("create", "[passphrase_mismatch]");
    commands.typed = [""];
    await nothing("create", "[passphrase_needed]");
  });

  it("keeps the words under the passphrase, in clear only when asked to, and shows them by their own command", async () => {
    const { words } = await create();
    expect((await commands.run("words")).out).toEqual([words]);
    commands.passphrase = "wrong";
    expect((await commands.run("words")).notes.join()).toContain("[wrong_passphrase]");
    commands.passphrase = undefined;
    expect((await commands.run("balance")).notes.join()).toContain("[passphrase_needed]");
    commands.typed = ["correct horse"];
    expect((await commands.run("words")).out).toEqual([words]);
    commands.typed = undefined;
    const open = (await commands.json("create --no-passphrase", "open")) as { words: string };
    expect((await commands.run("words", "open")).out).toEqual([open.words]);
  });

  it("prints words and keys to the standard output alone", async () => {
    const made = await commands.run("create");
    const words = made.out[0]!;
    const all = await commands.run("view-key --all");
    const some = await commands.run("view-key");
    const seed = parseRecoveryWords(words);
    const keys = deriveAccount(curve, seed.ok ? seed.seed : new Uint8Array(32), 0);
    expect(parseViewKey(curve, all.out[0]!)?.tier).toBe("view-all");
    expect(parseViewKey(curve, some.out[0]!)?.tier).toBe("view-received");
    expect(keys.view.spendPoint).toHaveLength(32);
    expect(all.notes.join()).toContain("balance");
    expect(some.notes.join()).not.toContain("balance");
    const noted = [...made.notes, ...all.notes, ...some.notes].join("\n");
    // One word alone may be a word of ours.
    const pairs = words.split(" ").map((word, place, list) => `${word} ${list[place + 1] ?? ""}`);
    for (const secret of [...pairs.slice(0, -1), all.out[0]!, some.out[0]!]) expect(noted).not.toContain(secret);
  });

  it("the words bring the balance back in another folder, from any spacing", { timeout: 60_000 }, async () => {
    const { words, address } = await create();
    commands.world.pay(address, 50_000_000n);
    commands.world.server.extendToBoundary();
    commands.input = ` ${words.replaceAll(" ", "\n ").toUpperCase()}\n`;
    expect(await commands.json("restore --birthday 2023-11-01", "again")).toMatchObject({ complete: true });
    expect(await commands.json("balance", "again")).toMatchObject({ total: "50000000" });
    expect(await commands.json("words", "again")).toEqual({ words });
    expect((await commands.run("restore --birthday 2023-13-01", "other")).code).toBe(2);
  });

  it("[AD-6] a wallet that only sees shows what its key shows, and refuses the rest", { timeout: 60_000 }, async () => {
    const { address } = await create();
    commands.world.pay(address, 50_000_000n);
    await commands.mining(commands.json(`send --to ${(await create("payee")).address} --amount 7`));
    const { total } = await commands.json("balance");
    commands.world.server.extendToBoundary();
    for (const [option, folder] of [
      ["", "received"],
      [" --all", "all"],
    ] as const) {
      commands.input = (await commands.run(`view-key${option}`)).out[0]!;
      expect(await commands.json("restore --view-only", folder)).toMatchObject({ complete: true });
      const refusals = [`send --to ${address} --amount 1`, `prove ${"0".repeat(64)}`, "words"];
      for (const words of folder === "received" ? [...refusals, "view-key --all"] : refusals) {
        const ran = await commands.run(words, folder);
        expect(ran, words).toMatchObject({ code: 1, out: [] });
        expect(ran.notes.join(), words).toContain("[view_only]");
      }
    }
    expect(await commands.json("balance", "all")).toMatchObject({ total, tier: "view-all" });
    // The coin was spent before: a restore finds what is there, and whoever sees received coins alone sees no change.
    expect(await commands.json("balance", "received")).toMatchObject({ received: "0", tier: "view-received" });
    commands.world.pay(address, 3_000_000n);
    expect(await commands.json("balance", "received")).toMatchObject({ received: "3000000" });
    const shown = await commands.run("balance", "received");
    expect(shown.out).toEqual(["received 3 STG"]);
    expect(shown.notes.join()).toContain("no change");
  });

  it("scan prints what arrives until Ctrl-C", { timeout: 60_000 }, async () => {
    const { address } = await create();
    const out: string[] = [];
    const running = commands.run("scan --json", "first", out);
    commands.world.pay(address, 3_000_000n);
    while (out.length === 0) await pause(20);
    commands.world.pay(address, 4_000_000n);
    while (out.length === 1) await pause(20);
    expect(await commands.interrupt(running)).toMatchObject({ code: 0 });
    const amounts = out.map((line) => (JSON.parse(line) as { amount: string }).amount);
    expect(amounts).toEqual(["3000000", "4000000"]);
  });

  it("goes on with a payment that no node had taken when the command ended", { timeout: 60_000 }, async () => {
    const { address } = await create();
    commands.world.pay(address, 50_000_000n);
    const { server } = commands.world;
    server.takesPayments = false;
    const sending = commands.run(`send --to ${address} --amount 1`);
    while (server.asked.every(({ protocol }) => protocol !== "tx")) await pause(20);
    const { code, out, notes } = await commands.interrupt(sending);
    // Whoever reads `interrupted` pays again: the payment is stored, so it is named and called pending.
    expect({ code, out }).toEqual({ code: 1, out: [] });
    const [row] = (await commands.run("history --json --timeout 1")).out;
    expect(notes.at(-1)).toContain("[pending]");
    expect(notes.at(-1)).toContain((JSON.parse(row!) as { id: string }).id);
    server.takesPayments = true;
    expect(server.submitted).toEqual([]);
    expect((await commands.json("balance"))["usable"]).toBe("0");
    expect(server.submitted.length).toBeGreaterThan(0);
    commands.world.mine();
    const rows = (await commands.run("history --json")).out.map((line) => JSON.parse(line) as { state: string });
    expect(rows.map(({ state }) => state)).toEqual(["final", "final", "final"]);
  });

  it("a payment that could not be made is not there, and its coins are free", { timeout: 60_000 }, async () => {
    const { address } = await create();
    commands.world.pay(address, 50_000_000n);
    commands.isPayingBroken = true;
    const { code, out, notes } = await commands.run(`send --to ${address} --amount 1`);
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(notes.at(-1)).toMatch(/nothing was stored and nothing was sent; try again \[build_failed\]$/);
    expect(commands.world.server.submitted).toEqual([]);
    expect((await commands.json("balance"))["usable"]).toBe("50000000");
    commands.isPayingBroken = false;
    expect(await commands.json(`send --to ${address} --amount 1 --no-wait`)).toMatchObject({ state: "sent" });
  });

  it("--no-wait ends once a node has taken the payment", { timeout: 60_000 }, async () => {
    const { address } = await create();
    commands.world.pay(address, 50_000_000n);
    expect(await commands.json(`send --to ${address} --amount 1 --no-wait`)).toMatchObject({ state: "sent" });
    expect(commands.world.server.submitted).toHaveLength(1);
  });

  it("a payment whose wallet fails while it waits is pending, too", { timeout: 60_000 }, async () => {
    const { address } = await create();
    commands.world.pay(address, 50_000_000n);
    const { server } = commands.world;
    const sending = commands.run(`send --to ${address} --amount 1`);
    while (server.submitted.length === 0) await pause(20);
    // Another process has taken the folder over: the next write is refused.
    await rm(join(commands.root, "first", "lock"));
    commands.world.mine();
    const { code, notes } = await sending;
    expect(code).toBe(1);
    expect(notes.at(-1)).toMatch(/[0-9a-f]{64}.*\[pending\]$/);
    expect((await commands.json("balance"))["usable"]).not.toBe("50000000");
  });

  it("--no-wait does not call a payment done that has failed", { timeout: 60_000 }, async () => {
    const { words, address } = await create();
    const seed = parseRecoveryWords(words);
    const placed = commands.world.pay(address, 50_000_000n);
    const { server } = commands.world;
    server.takesPayments = false;
    const sending = commands.run(`send --to ${address} --amount 1 --no-wait`);
    while (server.asked.every(({ protocol }) => protocol !== "tx")) await pause(20);
    commands.world.spend(placed, deriveAccount(curve, seed.ok ? seed.seed : new Uint8Array(32), 0), 0);
    const { code, out, notes } = await sending;
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(notes.at(-1)).toContain("[payment_failed]");
  });

  it("leaves a wallet alone that another command makes while a passphrase is typed", { timeout: 60_000 }, async () => {
    commands.input = (await create("elsewhere")).words;
    for (const command of ["create", "restore"]) {
      const folder = `both ${command}`;
      let made: { readonly words: string } | undefined;
      commands.passphrase = undefined;
      commands.typed = command === "create" ? ["same", "same"] : [commands.input, "same", "same"];
      commands.asked = async () => {
        if (made !== undefined || commands.typed!.length > 2) return;
        commands.passphrase = "same";
        made = await create(folder);
        commands.passphrase = undefined;
      };
      const ran = await commands.run(command, folder);
      expect(ran, command).toMatchObject({ code: 1, out: [] });
      expect(ran.notes.join(), command).toContain("[wallet_exists]");
      commands.passphrase = "same";
      commands.typed = undefined;
      expect(await commands.json("words", folder), command).toEqual({ words: made!.words });
    }
  });

  it("create and address end when time is up and at Ctrl-C", { timeout: 60_000 }, async () => {
    // The file is gone once the command has read it: no network, no address.
    commands.fetched = () => (commands.hasNetwork = false);
    const late = await commands.run("create --timeout 1", "new");
    expect(late).toMatchObject({ code: 1, out: [] });
    expect(late.notes.at(-1)).toContain("[no_network_file]");
    commands.hasNetwork = true;
    expect((await commands.interrupt(commands.run("create", "new"))).notes.at(-1)).toContain("[interrupted]");
    expect(await readdir(commands.root)).toEqual([]);
  });

  it("checks of a proof and of a checkpoint end when time is up and at Ctrl-C", { timeout: 60_000 }, async () => {
    const { address } = await create();
    await create("second");
    const proof = formatProof(commands.world.pay(address, 5_000_000n));
    commands.world.server.extendToBoundary();
    commands.input = (await commands.run("checkpoint")).out[0]!;
    commands.world.server.isSilent = true;
    for (const [words, folder] of [
      [`verify-proof ${proof}`, NO_FOLDER],
      ["checkpoint --enter", "second"],
    ] as const) {
      const late = await commands.run(`${words} --timeout 1`, folder);
      expect(late, words).toMatchObject({ code: 1, out: [] });
      expect(late.notes.at(-1), words).toContain("[timeout]");
      const { notes } = await commands.interrupt(commands.run(words, folder));
      expect(notes.at(-1), words).toContain("[interrupted]");
    }
  });

  it("a folder that another command has open is refused", { timeout: 60_000 }, async () => {
    const { address } = await create();
    const out: string[] = [];
    const scanning = commands.run("scan", "first", out);
    commands.world.pay(address, 1_000_000n);
    while (out.length === 0) await pause(20);
    expect((await commands.run("words")).notes.join()).toContain("[wallet_in_use]");
    expect((await commands.interrupt(scanning)).code).toBe(0);
  });

  it("[LC-4] shows the newest boundary it trusts, and takes one that another wallet shows", async () => {
    await create();
    await create("second");
    commands.world.server.extendToBoundary();
    const shown = await commands.json("checkpoint");
    expect(shown).toMatchObject({ height: commands.world.server.ledger.tip.header.height });
    const [text] = (await commands.run("checkpoint")).out;
    expect(text).toBe(`${String(shown["height"])} ${String(shown["words"])}`);
    commands.input = `${text!.toUpperCase()}\n`;
    expect(await commands.run("checkpoint --enter", "second")).toMatchObject({ code: 0, out: [text] });
    const refused = async (input: string): Promise<string | undefined> => {
      commands.input = input;
      const { code, out, notes } = await commands.run("checkpoint --enter", "second");
      expect({ code, out }).toEqual({ code: 1, out: [] });
      return /\[(\w+)\]/.exec(notes.at(-1)!)?.[1];
    };
    expect(await refused("")).toBe("empty");
    expect(await refused(String(shown["words"]))).toBe("no_height");
    expect(await refused(`${text!} abandon`)).toBe("bad_count");
    expect(await refused(text!.replace(/^\d+/, "1"))).toBe("already_newer");
    const other = formatCheckpoint({
      height: height(shown["height"] as number),
      blockId: hash(new Uint8Array(32).fill(7)),
    });
    expect(await refused(other.text)).toBe("other_chain");
    expect(await refused("9".repeat(5_000))).toBe("too_long");
  });
});

describe("a stranger's text", () => {
  it("in an operator's name cannot move the cursor of a terminal", { timeout: 60_000 }, async () => {
    const lie: Tamper = (protocol, frame) => (protocol === "compact" ? Uint8Array.of(9) : frame);
    const world = await ServedLedger.open({ "node-a": lie, "node-b": undefined, "node-c": undefined });
    const name = JSON.stringify("evil\u001b]0;x\u0007\u009b2J");
    const networkFile = world.networkFile.replace('"operator":"node-a"', `"operator":${name}`);
    Object.assign(world, { networkFile });
    const lied = new Commands(world, join(root, "lied"));
    const { address } = (await lied.json("create")) as { address: string };
    world.pay(address, 5_000_000n);
    let notes: readonly string[] = [];
    // Which node is asked first is drawn by lot.
    for (let run = 0; run < 12 && notes.length === 0; run++) ({ notes } = await lied.run("balance"));
    expect(notes[0]).toContain("(evil\ufffd]0;x\ufffd\ufffd2J) was left");
  });

  it("in a note cannot name bytes that a terminal obeys in JSON or CSV", { timeout: 60_000 }, async () => {
    const { address } = await create();
    const second = await create("second");
    commands.world.pay(address, 50_000_000n);
    const memo = "a\u001b[2Jb\u009b2J\u202ec";
    const sent = await commands.mining(commands.run(`send --to ${second.address} --amount 1 --note ${memo}`));
    expect(sent).toMatchObject({ code: 0 });
    const [json] = (await commands.run("history --json", "second")).out;
    expect((JSON.parse(json!) as { note: string }).note).toBe(memo);
    expect(json).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const [csv] = (await commands.run("history --csv", "second")).out;
    expect(csv!.replaceAll("\r\n", "")).not.toMatch(/\p{Cc}/u);
  });

  it("cannot move the cursor of a terminal or begin a line", { timeout: 60_000 }, async () => {
    const { address } = await create();
    const second = await create("second");
    commands.world.pay(address, 50_000_000n);
    const memo = "a\u001b[2Jb\u202ec";
    const sent = await commands.mining(commands.run(`send --to ${second.address} --amount 1 --note ${memo}`));
    expect(sent.code).toBe(0);
    const { out } = await commands.run("history", "second");
    expect(out).toHaveLength(1);
    expect(out[0]).toMatch(/ "a\ufffd\[2Jb\ufffdc"$/);
  });
});
