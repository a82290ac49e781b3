import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { encodeQR } from "qr";
import { afterAll, beforeAll, expect, it } from "vitest";
import { zh } from "../../src/app/i18n/zh.ts";
import { ROUTES } from "../../src/app/state/routes.ts";
import { ROOT } from "../architecture/source-files.ts";
import type { Person } from "../support/browser.ts";
import { fakeAddress } from "../support/fake-client.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS, People } from "../support/people.ts";

const NETWORK_ONLY = ["/network.json", "/health", "/metrics", "/rpc", "/faucet"];

let people: People;
let anna: Person;
let isStopped = false;

beforeAll(async () => {
  people = await People.gather();
  anna = await people.arriveWithWallet("anna");
  await anna.tap("faucet");
  await anna.seeBalance(FAUCET_MICRO, FINAL_TIMEOUT_MS);
  await anna.page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
  // From here on every server is gone: the page's and all nodes.
  await people.devnet.stop();
  isStopped = true;
});
afterAll(async () => {
  if (isStopped) await anna.leave();
  else await people.leave();
});

// English is in the bundle; Chinese has to be there as well.
it.each(ROUTES.map((route) => route.replace(":local", "0a".repeat(16))))(
  "%s loads, and loads again, with all servers down",
  async (route) => {
    await anna.page.goto(`${people.devnet.url}${route}?lang=zh`);
    await anna.page.reload();
    await anna.page.locator('html[lang="zh-Hans"] h1').first().waitFor();
    for (const text of [zh.app.partMissing, zh.notFound.title]) expect(await anna.page.getByText(text).count()).toBe(0);
  },
);

it("every public page loads with all servers down, by its place and not as the app", async () => {
  const names = await readdir(join(ROOT, "dist/app"));
  const pages = names.filter((name) => name.endsWith(".html") && name !== "index.html");
  for (const page of pages) {
    const place = `/${page.replace(/\.html$/, "")}`;
    for (const end of ["", "?lang=zh", "#secret"]) {
      const answer = await anna.page.goto("about:blank").then(() => anna.page.goto(people.devnet.url + place + end));
      expect(await answer?.text(), place + end).toBe(await cachedFile(anna, `/${page}`));
    }
  }
});

it("Scan reads a code where it was never opened before, and says so of what only the slow reader could read", async () => {
  await anna.page.goto(`${people.devnet.url}/scan?lang=en`);
  const choose = (name: string, bytes: Uint8Array) =>
    anna.page.getByTestId("scan-picture").setInputFiles({ name, mimeType: "image/gif", buffer: Buffer.from(bytes) });
  await choose("nothing.gif", Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64"));
  await anna.page.locator('[data-testid="scan-finding"][data-state="no_code"]').waitFor();
  await choose("code.gif", encodeQR(fakeAddress(3), "gif", { scale: 4 }));
  await anna.page.getByTestId("pay-to").waitFor();
  expect(await anna.page.getByTestId("pay-to").inputValue()).toBe(fakeAddress(3));
});

it("the last verified balance is there, and what the network alone may answer is not made up", async () => {
  await anna.page.goto(`${people.devnet.url}/pay?lang=en`);
  await anna.seeBalance(FAUCET_MICRO, FINAL_TIMEOUT_MS);
  for (const path of NETWORK_ONLY) {
    const outcome = await anna.page.evaluate(
      (to) =>
        fetch(to).then(
          (answer) => answer.status,
          () => "no answer",
        ),
      path,
    );
    expect(outcome, path).toBe("no answer");
  }
  for (const path of NETWORK_ONLY) {
    await expect(anna.page.goto(people.devnet.url + path), path).rejects.toThrow(/ERR_/);
  }
  expect(people.trespasses).toEqual([]);
});

/** The file as the precache holds it. */
function cachedFile(person: Person, path: string): Promise<string> {
  return person.page.evaluate(async (to) => await (await fetch(to)).text(), path);
}
