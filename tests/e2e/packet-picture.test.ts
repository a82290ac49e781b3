import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../architecture/source-files.ts";
import type { Person } from "../support/browser.ts";
import { FAUCET_MICRO, FINAL_TIMEOUT_MS, People } from "../support/people.ts";

/** A real PNG, of so many pixels each way. */
const FILE = join(ROOT, "public/icons/icon-512.png");
const SIDE = 512;

let people: People;
let creator: Person;

beforeAll(async () => {
  people = await People.gather();
  creator = await people.arriveWithWallet("creator");
  await creator.tap("faucet");
  await creator.seeBalance(FAUCET_MICRO, FINAL_TIMEOUT_MS);
});

afterAll(async () => {
  expect(await people.leave()).toBe(0);
});

/** Runs in the page: its policy lets nobody fetch an address of its own back. */
function keepPictures(): void {
  const pictures: Blob[] = [];
  const create = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (picture: Blob) => {
    pictures.push(picture);
    return create(picture);
  };
  Object.assign(window, { pictures });
}

it("[RP-10] a picture goes from one browser over the nodes to another, made anew on both sides", async () => {
  await creator.page.goto(`${people.devnet.url}/packets/new?lang=en`);
  await creator.type("packet-total", "8.88");
  await creator.type("packet-count", "1");
  await creator.page.getByTestId("packet-picture-file").setInputFiles(FILE);
  await creator.see("packet-picture", "data-state", "chosen");
  await creator.tap("packet-create");
  await creator.see("packet-status", "data-state", "live", FINAL_TIMEOUT_MS);
  await creator.page.getByTestId("packet-has-picture").waitFor();
  const link = await creator.attribute("packet-link", "data-link");

  const stranger = await people.arrive("stranger");
  await stranger.page.addInitScript(keepPictures);
  await stranger.page.goto(link);
  await stranger.page.getByTestId("packet-open").waitFor();
  expect(await stranger.page.getByTestId("claim-picture").count()).toBe(0);
  await stranger.tap("packet-open");
  await stranger.see("claim-picture", "data-state", "shown", FINAL_TIMEOUT_MS);
  await stranger.see("packet-result", "data-state", "won", FINAL_TIMEOUT_MS);
  const shown = await stranger.page
    .getByTestId("claim-picture")
    .locator("img")
    .evaluate(async (image) => {
      const { naturalWidth, naturalHeight, alt } = image as HTMLImageElement;
      const [picture] = (window as unknown as { readonly pictures: readonly Blob[] }).pictures;
      const bytes = [...new Uint8Array(await picture!.arrayBuffer())];
      return { naturalWidth, naturalHeight, alt, type: picture!.type, bytes };
    });
  expect(shown).toMatchObject({ naturalWidth: SIDE, naturalHeight: SIDE, type: "image/webp" });
  expect(shown.alt).not.toBe("");
  expect(shown.bytes).not.toEqual([...(await readFile(FILE))]);
  expect(Buffer.from(shown.bytes.slice(8, 12)).toString()).toBe("WEBP");

  // The page that was loaded again has the claim alone, and shows it as well.
  await stranger.reload();
  await stranger.see("claim-picture", "data-state", "shown", FINAL_TIMEOUT_MS);
  expect(people.trespasses).toEqual([]);
});
