import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { concatBytes } from "../../../../src/core/bytes/concat-bytes.ts";
import { formatHex } from "../../../../src/core/bytes/hex.ts";
import type { ClientStore } from "../../../../src/engine/services/client-store.ts";
import { Refusal } from "../../../../src/node/refusal.ts";
import { hasWallet, openFileStore, removeFileStore } from "../../../../src/node/storage/file-client-store.ts";
import { decodeEntry, encodeEntry } from "../../../../src/node/storage/record-changes.ts";
import { decodeSecretsFile, encodeSecretsFile, type KeyProtection } from "../../../../src/node/storage/secrets-file.ts";
import { clientStoreCases, put, puts } from "../../../contract/client-store.ts";
import { PARTS, stepOf } from "../../../support/file-store-writer.ts";
import { checkDecoder, codecOf } from "../../../support/hostile-bytes.ts";
import { runs } from "../../../support/run-counts.ts";
import { seededRandom } from "../../../support/test-random.ts";

const WRITER = join(import.meta.dirname, "../../../support/file-store-writer.ts");
const CLEAR: KeyProtection = { type: "none" };
const locked = (passphrase: string): KeyProtection => ({ type: "passphrase", passphrase, costLog2: 4 });

let root: string;
let directory: string;
let count = 0;
beforeAll(async () => (root = await mkdtemp(join(tmpdir(), "stegos-wallet-"))));
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(() => (directory = join(root, `store ${count++}`)));

const open = (protection: KeyProtection = CLEAR, place = directory): Promise<ClientStore> =>
  openFileStore({ directory: place, protection: () => Promise.resolve(protection) });
const codeOf = (error: unknown): string => (error instanceof Refusal ? error.code : String(error));
const code = (work: Promise<unknown>): Promise<string> => work.then(() => "done", codeOf);
const logFile = async (): Promise<string> => {
  const [name] = (await readdir(directory)).filter((each) => each.startsWith("records-"));
  return join(directory, name!);
};

describe("the wallet's store in a folder", () => {
  const platform = { open: (place: string) => open(locked("correct horse"), join(root, place)), codeOf };
  it.each(clientStoreCases(platform))("$name", (storeCase) => {
    return storeCase.run(`contract ${storeCase.name.replace(/\W/g, "")}`);
  });

  it("is its owner's alone, and nothing readable lies in it under a passphrase", async () => {
    const secret = seededRandom("secret").bytes(32);
    const store = await open(locked("correct horse"));
    await store.putSecrets(secret);
    await store.write(puts(put("note/a", secret)));
    await store.close();
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    const names = await readdir(directory);
    expect(names.map((name) => name.replace(/-.*/, "")).sort()).toEqual(["records", "secrets"]);
    for (const name of names) {
      const path = join(directory, name);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const hex = formatHex(await readFile(path));
      expect(hex).not.toContain(formatHex(secret.slice(0, 8)));
      expect(hex).not.toContain(formatHex(Buffer.from("note/a")));
    }
  });

  it("opens for its passphrase only, however that was typed", async () => {
    const store = await open(locked("schön"));
    await store.putSecrets(Uint8Array.of(1, 2, 3));
    await store.close();
    expect(await code(open(locked("schon")))).toBe("wrong_passphrase");
    expect(await code(open(CLEAR))).toBe("wrong_passphrase");
    const again = await open(locked("scho\u0308n"));
    expect(again.secrets()).toEqual(Uint8Array.of(1, 2, 3));
    await again.close();
  });

  it("says what it is asked for: a new key, a locked one, one in clear", async () => {
    const asked: unknown[] = [];
    const opened = async (protection: KeyProtection): Promise<void> => {
      const store = await openFileStore({
        directory,
        protection: (folder) => {
          asked.push(folder);
          return Promise.resolve(protection);
        },
      });
      await store.close();
    };
    await opened(locked("a"));
    await opened(locked("a"));
    expect(asked).toEqual([
      { isNew: true, isLocked: false },
      { isNew: false, isLocked: true },
    ]);
    await rm(directory, { recursive: true });
    await opened(CLEAR);
    await opened(CLEAR);
    expect(asked.slice(2)).toEqual([
      { isNew: true, isLocked: false },
      { isNew: false, isLocked: false },
    ]);
  });

  it("tells a wallet from a folder without one, and takes away nothing but its own", async () => {
    expect(await hasWallet(directory)).toBe(false);
    const store = await open();
    expect(await hasWallet(directory)).toBe(false);
    await store.putSecrets(Uint8Array.of(1));
    expect(await hasWallet(directory)).toBe(true);
    await writeFile(join(directory, "records-of-mine"), "");
    await removeFileStore(directory, store);
    expect(await code(store.putSecrets(Uint8Array.of(1)))).toBe("stale");
    expect(await readdir(directory)).toEqual(["records-of-mine"]);
    await rm(join(directory, "records-of-mine"));
    await removeFileStore(directory, await open());
    expect(await hasWallet(directory)).toBe(false);
    expect(await readdir(root)).not.toContain(basename(directory));
  });

  it("a folder that a killed command left without a wallet is nobody's: another passphrase makes a new one", async () => {
    await (await open(locked("forgotten"))).close();
    const left = await logFile();
    const store = await open(locked("correct horse"));
    expect(await logFile()).not.toBe(left);
    await store.putSecrets(Uint8Array.of(1));
    await store.close();
    expect(await code(open(locked("forgotten")))).toBe("wrong_passphrase");
    const again = await open(locked("correct horse"));
    expect(again.secrets()).toEqual(Uint8Array.of(1));
    await again.close();
  });

  it("a key that lay open seals no wallet under a passphrase", async () => {
    await (await open(CLEAR)).close();
    const bytes = await readFile(join(directory, "secrets"));
    const { logId } = decodeSecretsFile(new Uint8Array(bytes));
    await (await open(locked("correct horse"))).close();
    const file = decodeSecretsFile(new Uint8Array(await readFile(join(directory, "secrets"))));
    expect(file.lock).toBeDefined();
    expect(file.logId).not.toEqual(logId);
  });

  it("begins the log anew when most of it is old", async () => {
    const store = await open();
    for (let step = 0; step < 60; step++) {
      await store.write(
        puts(put("note/a", new Uint8Array(40_000).fill(step)), put(`note/${step}`, Uint8Array.of(step))),
      );
    }
    expect((await stat(await logFile())).size).toBeLessThan(1_200_000);
    await store.close();
    const again = await open();
    expect(again.records()).toHaveLength(61);
    expect(again.record("note/a")?.[0]).toBe(59);
    await again.close();
  });

  it("a write that is in the log was stored, though the log cannot be begun anew after it", async () => {
    const store = await open();
    await mkdir(`${await logFile()}.new`);
    let stored = -1;
    let refused: unknown;
    for (let step = 0; step < 60 && refused === undefined; step++) {
      await store.write(puts(put("note/a", new Uint8Array(40_000).fill(step)))).then(
        () => (stored = step),
        (error: unknown) => (refused = error),
      );
    }
    expect(refused).toMatchObject({ code: "storage_failed" });
    await store.close();
    await rm(`${await logFile()}.new`, { recursive: true });
    const again = await open();
    expect(again.record("note/a")?.[0]).toBe(stored);
    await again.close();
  });

  it("an erase leaves neither the key nor the records of before", async () => {
    const store = await open();
    await store.putSecrets(Uint8Array.of(1));
    await store.write(puts(put("note/a", Uint8Array.of(1))));
    const [log, secrets] = [await logFile(), await readFile(join(directory, "secrets"))];
    await store.erase();
    expect(await logFile()).not.toBe(log);
    await store.close();
    // Who kept the old key finds that its log is gone: damage, no empty wallet.
    await writeFile(join(directory, "secrets"), secrets);
    expect(await code(open())).toBe("storage_broken");
  });
});

describe("one writer", () => {
  it("a second one is refused while the first lives, also in this process", async () => {
    const store = await open();
    expect(await code(open())).toBe("wallet_in_use");
    await store.write(puts(put("note/a", Uint8Array.of(1))));
    await store.close();
    const next = await open();
    expect(next.record("note/a")).toEqual(Uint8Array.of(1));
    await next.close();
  });

  it("of many that come at once over the lock of a dead process exactly one opens", async () => {
    await (await open()).close();
    const dead = { pid: 2 ** 22 - 1, startedAt: "1", nonce: "00" };
    await writeFile(join(directory, "lock"), JSON.stringify(dead));
    const opened = await Promise.allSettled(Array.from({ length: 8 }, () => open()));
    const stores = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(stores).toHaveLength(1);
    expect(opened.filter((each) => each.status === "rejected").map((each) => codeOf(each.reason))).toEqual(
      Array.from({ length: 7 }, () => "wallet_in_use"),
    );
    await stores[0]!.close();
    expect(await readdir(directory)).not.toContain("lock");
  });

  it("a process of the same number that began at another time is not the holder", async () => {
    await (await open()).close();
    await writeFile(join(directory, "lock"), JSON.stringify({ pid: process.pid, startedAt: "1", nonce: "00" }));
    await (await open()).close();
  });

  it("one that was taken for dead writes nothing any more", async () => {
    const store = await open();
    await rm(join(directory, "lock"));
    const next = await open();
    expect(await code(store.write(puts(put("note/old", Uint8Array.of(1)))))).toBe("stale");
    expect(await code(store.putSecrets(Uint8Array.of(1)))).toBe("stale");
    expect(await code(store.erase())).toBe("stale");
    await store.close();
    await next.write(puts(put("note/new", Uint8Array.of(1))));
    expect(next.records().map(({ key }) => key)).toEqual(["note/new"]);
    await next.close();
  });
});

describe("damage", () => {
  /** A folder with three writes; the log's bytes and where each write ends. */
  async function threeWrites(): Promise<{ path: string; bytes: Uint8Array; ends: readonly number[] }> {
    const store = await open();
    await store.putSecrets(new Uint8Array(32).fill(7));
    const path = await logFile();
    const ends = [(await stat(path)).size];
    for (const step of [1, 2, 3]) {
      await store.write(puts(put("note/a", Uint8Array.of(step)), put(`note/${step}`, Uint8Array.of(step))));
      ends.push((await stat(path)).size);
    }
    await store.close();
    return { path, bytes: new Uint8Array(await readFile(path)), ends };
  }

  async function stepsAfter(path: string, bytes: Uint8Array): Promise<number | string> {
    await writeFile(path, bytes);
    try {
      const store = await open();
      const steps = store.records().length === 0 ? 0 : store.record("note/a")![0]!;
      const isWhole = store.records().length === (steps === 0 ? 0 : steps + 1);
      await store.close();
      return isWhole ? steps : "half a write";
    } catch (error) {
      expect(new Uint8Array(await readFile(path)), "left as it was").toEqual(bytes);
      return codeOf(error);
    }
  }

  it("a log cut anywhere gives the writes that are whole, and goes on", async () => {
    const { path, bytes, ends } = await threeWrites();
    for (let size = ends[0]!; size <= bytes.length; size += runs(3, 1)) {
      const whole = ends.filter((end) => end <= size).length - 1;
      expect(await stepsAfter(path, bytes.slice(0, size)), `cut at ${size}`).toBe(whole);
      const store = await open();
      await store.write(puts(put("note/z", Uint8Array.of(9))));
      await store.close();
      const again = await open();
      expect(again.record("note/z")).toEqual(Uint8Array.of(9));
      await again.close();
    }
    expect(await stepsAfter(path, bytes.slice(0, 7))).toBe("storage_broken");
  });

  it("an end that the system has not filled counts as not written", async () => {
    const { path, bytes, ends } = await threeWrites();
    const unfilled = (from: number): Uint8Array =>
      concatBytes(bytes.slice(0, from), new Uint8Array(bytes.length - from));
    expect(await stepsAfter(path, unfilled(ends[2]!))).toBe(2);
    expect(await stepsAfter(path, unfilled(ends[2]! + 2))).toBe(2);
    expect(await stepsAfter(path, unfilled(ends[2]! + 30))).toBe(2);
    expect(await stepsAfter(path, concatBytes(bytes, new Uint8Array(4_096)))).toBe(3);
  });

  it("any other changed byte is storage_broken or storage_newer, and nothing is written over", async () => {
    const { path, bytes } = await threeWrites();
    for (let place = 0; place < bytes.length; place += runs(7, 1)) {
      const changed = bytes.map((byte, index) => (index === place ? byte ^ 0x41 : byte));
      const expected = place === 7 ? "storage_newer" : "storage_broken";
      expect(await stepsAfter(path, changed), `byte ${place}`).toBe(expected);
    }
    expect(await stepsAfter(path, Uint8Array.of(...bytes.slice(0, 7), 2, ...bytes.slice(8)))).toBe("storage_newer");
  });

  it("writes that were left out, doubled or moved are storage_broken", async () => {
    const { path, bytes, ends } = await threeWrites();
    const [head, first, second, third] = [0, ...ends].map((from, index) => bytes.slice(from, ends[index] ?? from));
    expect(await stepsAfter(path, concatBytes(head!, second!, third!))).toBe("storage_broken");
    expect(await stepsAfter(path, concatBytes(head!, first!, third!))).toBe("storage_broken");
    expect(await stepsAfter(path, concatBytes(head!, first!, first!))).toBe("storage_broken");
    expect(await stepsAfter(path, concatBytes(head!, second!, first!, third!))).toBe("storage_broken");
  });

  it("a missing log is storage_broken, no empty wallet", async () => {
    const { path } = await threeWrites();
    await rm(path);
    expect(await code(open())).toBe("storage_broken");
    expect(await readdir(directory)).toEqual(["secrets"]);
  });

  it("a damaged or newer secrets file is named and left as it is", async () => {
    await threeWrites();
    const path = join(directory, "secrets");
    const bytes = new Uint8Array(await readFile(path));
    for (let place = 0; place < bytes.length; place += runs(5, 1)) {
      const changed = bytes.map((byte, index) => (index === place ? byte ^ 0x41 : byte));
      await writeFile(path, changed);
      expect(await code(open()), `byte ${place}`).toBe(place === 8 ? "storage_newer" : "storage_broken");
      expect(new Uint8Array(await readFile(path))).toEqual(changed);
    }
    await writeFile(path, bytes.slice(0, -1));
    expect(await code(open())).toBe("storage_broken");
    await writeFile(path, new Uint8Array(0));
    expect(await code(hasWallet(directory))).toBe("storage_broken");
  });
});

describe("codecs of the store", () => {
  it("[EN-3] [EN-4] entries", () => {
    const entry = {
      isFresh: false,
      deletes: ["note/1"],
      puts: [put("note/a", Uint8Array.of(1, 2)), put("é", new Uint8Array())],
    };
    const samples = [encodeEntry(entry), encodeEntry({ isFresh: true, deletes: [], puts: [] })];
    checkDecoder(codecOf("entry", decodeEntry, encodeEntry, samples), runs(10_000, 1_000_000));
  });

  it("[EN-3] [EN-4] the secrets file", () => {
    const random = seededRandom("secrets file");
    const logId = random.bytes(16);
    const samples = [
      encodeSecretsFile({ lock: undefined, key: random.bytes(32), logId, sealed: new Uint8Array(0) }),
      encodeSecretsFile({
        lock: { costLog2: 17, salt: random.bytes(16) },
        key: random.bytes(48),
        logId,
        sealed: random.bytes(64),
      }),
    ];
    checkDecoder(codecOf("secrets file", decodeSecretsFile, encodeSecretsFile, samples), runs(10_000, 1_000_000));
  });
});

describe("a process killed while it writes", () => {
  it("leaves whole steps, none of them lost, and a folder that the next one opens", { timeout: 600_000 }, async () => {
    let last = 0;
    for (let kill = 0; kill < runs(6, 300); kill++) {
      const child = spawn(process.execPath, [WRITER, directory], { stdio: ["ignore", "pipe", "inherit"] });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      while (!output.includes("\n")) await once(child.stdout, "data");
      await new Promise((resolve) => setTimeout(resolve, (kill * 37) % 250));
      child.kill("SIGKILL");
      await once(child, "close");
      const told = Number(output.trimEnd().split("\n").at(-1));
      const store = await open();
      const steps = PARTS.map((key) => stepOf(store.record(key)));
      const secrets = stepOf(store.secrets());
      await store.close();
      expect(new Set(steps).size, `steps ${steps.join()} after kill ${kill}`).toBe(1);
      expect(steps[0]).toBeGreaterThanOrEqual(Math.max(told, last));
      expect(secrets).toBeGreaterThanOrEqual(told - (told % 7));
      expect(secrets % 7).toBe(0);
      last = steps[0]!;
    }
  });
});
