import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeGenesis } from "../../../../src/core/chain/genesis.ts";
import { devValidatorSeed } from "../../../../src/core/wallet/dev-genesis.ts";
import { DevnetDirectory, openDevnetDirectory } from "../../../../src/node/cli/devnet-directory.ts";
import { readGenesisFile, writeGenesisFile } from "../../../../src/node/cli/genesis-file.ts";
import { makeDevGenesis } from "../../../../src/node/cli/make-dev-genesis.ts";
import { readKeyFile, writeKeyFile } from "../../../../src/node/cli/key-file.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stegos-files-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const genesis = makeDevGenesis({ validatorCount: 1, isFast: false, time: 1_700_000_000_000 });

describe("[GE-1] genesis file", () => {
  it("gives the bytes back, and refuses a readable part that says something else", async () => {
    const path = join(directory, "genesis.json");
    await writeGenesisFile(path, genesis);
    expect((await readGenesisFile(path)).bytes).toEqual(encodeGenesis(genesis));
    await expect(writeGenesisFile(path, genesis)).rejects.toMatchObject({ code: "file_exists" });
    const text = await readFile(path, "utf8");
    for (const other of [
      text.replace('"amount": "100000000000"', '"amount": "100000000001"'),
      text.replace('"chain_id": 1000', '"chain_id": 1001'),
      text.replace(/"binary": "01/, '"binary": "02'),
      text.replace(/"binary": "/, '"binary": "00'),
      text.slice(0, -20),
      "{}",
      "",
    ]) {
      expect(other).not.toBe(text);
      await writeFile(path, other);
      await expect(readGenesisFile(path)).rejects.toMatchObject({ code: "bad_genesis" });
    }
    await expect(readGenesisFile(join(directory, "none"))).rejects.toMatchObject({ code: "file_missing" });
  });
});

describe("key file", () => {
  it("is for its owner alone and refuses whatever else a file holds", async () => {
    const path = join(directory, "key.json");
    await writeKeyFile(path, devValidatorSeed(0));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readKeyFile(path)).toEqual(new Uint8Array(devValidatorSeed(0)));
    for (const text of ["", "{}", "null", "[]", '{"kind":"stegos-validator-key","version":1,"seed":"00"}']) {
      await writeFile(path, text);
      await expect(readKeyFile(path)).rejects.toMatchObject({ code: "bad_key_file" });
    }
  });
});

describe("devnet directory", () => {
  const open = (validatorCount?: number, isFast = false) =>
    openDevnetDirectory(new DevnetDirectory(join(directory, "net")), { validatorCount, isFast });

  it("is the same network when opened again: genesis, keys and ports", async () => {
    const first = await open(2);
    expect(first.isNew).toBe(true);
    const ports = first.settings.ports.flatMap(({ tcp, ws, rtc, rpc }) => [tcp, ws, rtc, rpc]);
    expect(new Set(ports).size).toBe(8);
    const text = await readFile(join(directory, "net/genesis.json"), "utf8");
    const second = await open();
    expect(second).toEqual({ settings: first.settings, isNew: false });
    expect(await readFile(join(directory, "net/genesis.json"), "utf8")).toBe(text);
    expect((await stat(join(directory, "net/node1/validator.json"))).mode & 0o777).toBe(0o600);
  });

  it("replaces a port that somebody else has by now, and keeps the others", async () => {
    const [first] = (await open(1)).settings.ports;
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(first!.ws, "127.0.0.1", () => resolve()));
    const [second] = (await open()).settings.ports;
    await new Promise((resolve) => other.close(resolve));
    expect(second).toMatchObject({ tcp: first!.tcp, rpc: first!.rpc });
    expect(second!.ws).not.toBe(first!.ws);
  });

  it("begins anew where the first start was cut off", async () => {
    await mkdir(join(directory, "net/node0"), { recursive: true });
    await writeFile(join(directory, "net/genesis.json"), "{");
    await writeFile(join(directory, "net/settings.json.17.new"), "{");
    await writeFile(join(directory, "net/devnet-unfinished"), "");
    await writeFile(join(directory, "net/notes.txt"), "mine");
    expect((await open(1)).isNew).toBe(true);
    const names = await readdir(join(directory, "net"));
    expect(names.sort()).toEqual(["genesis.json", "node0", "notes.txt", "settings.json"]);
    await readGenesisFile(join(directory, "net/genesis.json"));
  });

  it.each(["genesis.json", "node0", "node7.log"])("touches no %s that it has not made", async (name) => {
    await mkdir(join(directory, "net"));
    await writeFile(join(directory, "net", name), "keys that exist nowhere else");
    const refused = { code: "not_a_devnet", message: expect.stringContaining(name) as string };
    await expect(open(1)).rejects.toMatchObject(refused);
    await expect(new DevnetDirectory(join(directory, "net")).remove()).rejects.toMatchObject({ code: "not_a_devnet" });
    expect(await readFile(join(directory, "net", name), "utf8")).toBe("keys that exist nowhere else");
  });

  it.each(["{}", "null", "theme = dark", '{"version":"2.1","ports":[]}'])(
    "takes no settings of others: %s",
    async (text) => {
      await mkdir(join(directory, "net/node0"), { recursive: true });
      await writeFile(join(directory, "net/settings.json"), text);
      await expect(open(1)).rejects.toMatchObject({ code: "not_a_devnet" });
      await expect(new DevnetDirectory(join(directory, "net")).remove()).rejects.toMatchObject({
        code: "not_a_devnet",
      });
      expect(await readdir(join(directory, "net"))).toEqual(["node0", "settings.json"]);
    },
  );

  it("refuses other settings than it has, and files that are not its own", async () => {
    await open(1);
    await expect(open(2)).rejects.toMatchObject({ code: "devnet_differs" });
    await expect(open(1, true)).rejects.toMatchObject({ code: "devnet_differs" });
    await writeFile(join(directory, "genesis.json"), "{}");
    await writeFile(join(directory, "thesis.txt"), "years of work");
    const foreign = new DevnetDirectory(directory);
    await expect(openDevnetDirectory(foreign, { validatorCount: 1, isFast: false })).rejects.toMatchObject({
      code: "not_a_devnet",
    });
    await expect(foreign.remove()).rejects.toMatchObject({ code: "not_a_devnet" });
  });

  it("removes its own files and nothing else", async () => {
    await open(1);
    await writeFile(join(directory, "net/notes.txt"), "mine");
    await new DevnetDirectory(join(directory, "net")).remove();
    expect(await readdir(join(directory, "net"))).toEqual(["notes.txt"]);
    await new DevnetDirectory(join(directory, "none")).remove();
  });
});
