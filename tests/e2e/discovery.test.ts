import { spawn, type ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../support/browser.ts";
import { callRpc, freePort } from "../support/devnet.ts";
import { PageOrigin } from "../support/page-origin.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS, People } from "../support/people.ts";

/** The one node that the page's origin names. */
const LISTED = 1;

let people: People;
let origin: PageOrigin;
let alice: Person;
let bob: Person;
let newcomer: ChildProcess | undefined;
let newcomerRpc: string;
const ROOT = join(import.meta.dirname, "..", "..");

/** A full node without a vote that a person starts with the address of one other. */
async function startNewcomer(): Promise<void> {
  const { directory, file } = people.devnet;
  const dial = file.validators[LISTED]!.addresses.find((address) => /\/tcp\/\d+\/p2p\//.test(address))!;
  const port = await freePort();
  newcomerRpc = `http://127.0.0.1:${port}`;
  newcomer = spawn(
    process.execPath,
    [
      ...["src/node/cli/main.ts", "node", "--network=dev", `--genesis=${join(directory, "genesis.json")}`],
      ...[`--data=${join(directory, "newcomer")}`, `--dial=${dial}`, `--rpc=${port}`],
    ],
    { cwd: ROOT, stdio: "ignore" },
  );
}

async function stopNewcomer(): Promise<void> {
  const child = newcomer;
  newcomer = undefined;
  if (child?.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

/** Waits until the newcomer has a block that was made after the call. */
async function newcomerFollows(): Promise<void> {
  const now = await heightOf(0);
  const height = (): Promise<number> => {
    return callRpc<{ height: number }>(newcomerRpc, "status").then(
      (status) => status.height,
      () => -1,
    );
  };
  await expect.poll(height, { timeout: FINAL_TIMEOUT_MS, interval: 200 }).toBeGreaterThan(now);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const heightOf = async (index: number): Promise<number> => {
  return (await callRpc<{ height: number }>(people.devnet.file.validators[index]!.rpc, "status")).height;
};

async function makeWallet(name: string): Promise<Person> {
  const person = await people.arriveWithWallet(name, origin.url);
  // The shell must be on the device before its origin goes.
  await person.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  return person;
}

/** Waits until the wallet stands at a block that was made after the call. */
async function follows(person: Person): Promise<void> {
  const now = await heightOf(0);
  const height = async (): Promise<number> => Number(await person.attribute("sync-state", "data-height"));
  await expect.poll(height, { timeout: FINAL_TIMEOUT_MS, interval: 200 }).toBeGreaterThan(now);
  await person.see("sync-state", "data-state", "live", FINAL_TIMEOUT_MS);
}

beforeAll(async () => {
  people = await People.gather();
  origin = new PageOrigin(() => people.devnet.url);
  origin.change = (file) => ({ ...file, nodes: [(file["nodes"] as unknown[])[LISTED]] });
  await origin.start();
});

afterAll(async () => {
  await origin.stop();
  await stopNewcomer();
  await people.leave();
});

describe("an app and a node that know one node", () => {
  let bobAddress = "";

  it("[NW-15] the node follows the chain over that one", async () => {
    await startNewcomer();
    await newcomerFollows();
  });

  it("makes wallets and gets coins over that node", async () => {
    alice = await makeWallet("alice");
    bob = await makeWallet("bob");
    bobAddress = await bob.attribute("receive-address", "data-address");
    await alice.tap("faucet");
    await alice.seeBalance(FAUCET_MICRO, FINAL_TIMEOUT_MS);
    // Nodes are asked for others at once; here they have had the time to answer.
    await sleep(3_000);
  });

  it("[NW-15] [NW-17] both go on with the others when it is killed", async () => {
    process.kill(people.devnet.file.validators[LISTED]!.pid, "SIGKILL");
    await follows(alice);
    await newcomerFollows();
    await alice.pay({ to: bobAddress, stg: "10" }, FINAL_TIMEOUT_MS);
    await bob.seeBalance(10_000_000n, FINAL_TIMEOUT_MS);
  });

  it("[NW-15] the node goes on after a restart, though nobody is at the address it was given", async () => {
    await stopNewcomer();
    await startNewcomer();
    await newcomerFollows();
  });

  it("[NW-17] goes on after a reload, when the origin has no network file any more", async () => {
    origin.change = () => undefined;
    await alice.reload();
    await follows(alice);
    await alice.pay({ to: bobAddress, stg: "20" }, FINAL_TIMEOUT_MS);
    await bob.seeBalance(30_000_000n, FINAL_TIMEOUT_MS);
  });

  it("[NW-17] goes on after a reload from the device, when nobody is at the origin at all", async () => {
    await origin.stop();
    await alice.reload();
    await follows(alice);
    await alice.pay({ to: bobAddress, stg: "30" }, FINAL_TIMEOUT_MS);
    await bob.seeBalance(60_000_000n, FINAL_TIMEOUT_MS);
    await bob.reload();
    await follows(bob);
    expect(await bob.attribute("home-balance", "data-total")).toBe("60000000");
  });

  it("[NW-16] no honest node was banned on the way", async () => {
    const logs = (await readdir(people.devnet.directory)).filter((name) => name.endsWith(".log"));
    expect(logs.length).toBe(4);
    for (const name of logs)
      expect(await readFile(join(people.devnet.directory, name), "utf8")).not.toContain("banned");
  });
});
