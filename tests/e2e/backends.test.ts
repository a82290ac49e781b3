import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KERNEL_NAMES } from "../../src/core/crypto/backend/kernel/kernel-layout.ts";
import { formatAddress } from "../../src/core/values/address.ts";
import { deriveAddress } from "../../src/core/wallet/keys.ts";
import { DevnetDirectory } from "../../src/node/cli/devnet-directory.ts";
import type { Person } from "../support/browser.ts";
import { kernelsHere, shownBackend } from "../support/kernels-here.ts";
import { PageOrigin } from "../support/page-origin.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS, People } from "../support/people.ts";
import { spoiltChunk } from "../support/spoilt-kernel.ts";
import { curve, payee } from "../support/wallet-vectors.ts";

/** Nobody on this network: a payment to it never comes back. */
const STRANGER = formatAddress(deriveAddress(curve, payee.view, 0), "dev");

/** A processor need not have what the fastest build asks for. */
const KERNELS = await kernelsHere();
const [FASTEST, NEXT] = KERNELS;
const TAKEN = shownBackend(FASTEST);

let people: People;
const origins: PageOrigin[] = [];

beforeAll(async () => {
  people = await People.gather();
});

afterAll(async () => {
  expect(await people.leave()).toBe(0);
  for (const origin of origins) await origin.stop();
});

/** An origin whose kernels of these builds have one wrong bit each. */
async function spoil(...builds: readonly string[]): Promise<string> {
  const origin = new PageOrigin(() => people.devnet.url);
  origin.files.push([new RegExp(`curve-kernel-(${builds.join("|")})-[^/]*\\.js$`), spoiltChunk]);
  await origin.start();
  origins.push(origin);
  return origin.url;
}

/** The name that the settings show. */
async function backendOf(person: Person, url: string, search = ""): Promise<string> {
  await person.page.goto(`${url}/me/settings?lang=en${search}`);
  await person.page.locator('[data-testid="backend"][data-name]').waitFor({ timeout: FINAL_TIMEOUT_MS });
  return person.attribute("backend", "data-name");
}

describe("a kernel that does not know its answers", () => {
  it.each([
    [shownBackend(NEXT), [FASTEST!]],
    ["noble", KERNEL_NAMES],
  ])("is left for %s, and the app is paid and pays", async (name, wrong) => {
    const url = await spoil(...wrong);
    const person = await people.arriveWithWallet(name.replace(" ", "-"), url);
    expect(await backendOf(person, url)).toBe(name);
    await person.page.goto(`${url}/?lang=en`);
    await person.tap("faucet");
    await person.seeBalance(FAUCET_MICRO, FINAL_TIMEOUT_MS);
    const txid = await person.pay({ to: STRANGER, stg: "12.5" }, FINAL_TIMEOUT_MS);
    expect(txid).toMatch(/^[0-9a-f]{64}$/);
    await person.page.locator('[data-testid="history-row"][data-direction="out"]').first().waitFor();
  });
});

describe("which kernel computes", () => {
  it("is the fastest by itself, or the one that the address asks for", async () => {
    const { url } = people.devnet;
    const person = await people.arriveWithWallet("asker");
    expect(await backendOf(person, url)).toBe(TAKEN);
    for (const name of KERNEL_NAMES.toReversed()) {
      const expected = shownBackend(KERNELS.includes(name) ? name : undefined);
      expect(await backendOf(person, url, `&backend=${name}`)).toBe(expected);
    }
    expect(await backendOf(person, url, "&backend=noble")).toBe("noble");
    expect(await backendOf(person, url, "&backend=evil")).toBe(TAKEN);
    expect(await person.page.getByTestId("backend").textContent()).toContain(TAKEN);
  });

  it("is said by the network and in the log of each node when they start", async () => {
    const { devnet } = people;
    expect(devnet.output()).toContain(`curve ${TAKEN}`);
    for (const index of devnet.file.validators.keys()) {
      const log = await readFile(new DevnetDirectory(devnet.directory).log(index), "utf8");
      expect(log).toMatch(new RegExp(`node started at height \\d+, .*, curve ${TAKEN}`));
    }
  });

  it("[NW-12] the pages asked nobody else and their policy was never violated", () => {
    expect(people.trespasses).toEqual([]);
  });
});
