import { spawn, type ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Person } from "../support/browser.ts";
import { callRpc, freePort, removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { PageOrigin } from "../support/page-origin.ts";

const FAUCET_MICRO = 1_000_000_000n;
const TIMEOUT_MS = 60_000;
/** The one node that the page's origin names. */
const LISTED = 1;

let devnet: Devnet;
let origin: PageOrigin;
let alice: Person;
let bob: Person;
const people: Person[] = [];
let newcomer: ChildProcess | undefined;
let newcomerRpc: string;
const ROOT = join(import.meta.dirname, "..", "..");

/** A full node without a vote that a person starts with the address of one other. */
async function startNewcomer(): Promise<void> {
  const { directory, file } = devnet;
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
  await expect.poll(height, { timeout: TIMEOUT_MS, interval: 200 }).toBeGreaterThan(now);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const heightOf = async (index: number): Promise<number> => {
  return (await callRpc<{ height: number }>(devnet.file.validators[index]!.rpc, "status")).height;
};

async function balanceOf(person: Person): Promise<bigint | undefined> {
  const text = await person.page.getByTestId("home-balance").first().getAttribute("data-total");
  return text === null || text === "" ? undefined : BigInt(text);
}

async function waitForBalance(person: Person, micro: bigint): Promise<void> {
  await expect.poll(() => balanceOf(person), { timeout: TIMEOUT_MS, interval: 100 }).toBe(micro);
}

async function makeWallet(name: string): Promise<Person> {
  const person = await Person.arrive(name, origin.url);
  people.push(person);
  await person.tap("onboard-create");
  await person.see("sync-state", "data-state", "live", TIMEOUT_MS);
  // The shell must be on the device before its origin goes.
  await person.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  return person;
}

/** Waits until the wallet stands at a block that was made after the call. */
async function follows(person: Person): Promise<void> {
  const now = await heightOf(0);
  const height = async (): Promise<number> => Number(await person.attribute("sync-state", "data-height"));
  await expect.poll(height, { timeout: TIMEOUT_MS, interval: 200 }).toBeGreaterThan(now);
  await person.see("sync-state", "data-state", "live", TIMEOUT_MS);
}

async function pay(from: Person, to: string, stg: string): Promise<void> {
  await from.tap("pay-open");
  await from.type("pay-to", to);
  await from.type("pay-amount", stg);
  await from.tap("pay-review");
  await from.tap("pay-confirm");
  await from.see("pay-status", "data-state", "final", TIMEOUT_MS);
  await from.page.goto(`${origin.url}/?lang=en`);
}

beforeAll(async () => {
  devnet = await startDevnet();
  origin = new PageOrigin(devnet.url, await freePort());
  origin.change = (file) => ({ ...file, nodes: [(file["nodes"] as unknown[])[LISTED]] });
  await origin.start();
});

afterAll(async () => {
  for (const person of people) await person.leave();
  await origin.stop();
  await stopNewcomer();
  await devnet.stop();
  await removeDevnet(devnet);
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
    await waitForBalance(alice, FAUCET_MICRO);
    // Nodes are asked for others at once; here they have had the time to answer.
    await sleep(3_000);
  });

  it("[NW-15] [NW-17] both go on with the others when it is killed", async () => {
    process.kill(devnet.file.validators[LISTED]!.pid, "SIGKILL");
    await follows(alice);
    await newcomerFollows();
    await pay(alice, bobAddress, "10");
    await waitForBalance(bob, 10_000_000n);
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
    await pay(alice, bobAddress, "20");
    await waitForBalance(bob, 30_000_000n);
  });

  it("[NW-17] goes on after a reload from the device, when nobody is at the origin at all", async () => {
    await origin.stop();
    await alice.reload();
    await follows(alice);
    await pay(alice, bobAddress, "30");
    await waitForBalance(bob, 60_000_000n);
    await bob.reload();
    await follows(bob);
    expect(await balanceOf(bob)).toBe(60_000_000n);
  });

  it("[NW-16] no honest node was banned on the way", async () => {
    const logs = (await readdir(devnet.directory)).filter((name) => name.endsWith(".log"));
    expect(logs.length).toBe(4);
    for (const name of logs) expect(await readFile(join(devnet.directory, name), "utf8")).not.toContain("banned");
  });
});
