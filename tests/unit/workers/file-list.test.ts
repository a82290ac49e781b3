import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FileList } from "../../../workers/file-list.ts";

const ORIGIN = "https://app.example";
const held = new Map<string, string>();
/** What the host has at this moment. */
let host: () => Promise<Response>;

beforeEach(() => {
  held.clear();
  const cache = {
    match: (url: string) => Promise.resolve(held.has(url) ? new Response(held.get(url)) : undefined),
    put: async (url: string, response: Response) => void held.set(url, await response.text()),
    keys: () => Promise.resolve([...held.keys()].map((url) => ({ url }))),
    delete: (url: string) => Promise.resolve(held.delete(url)),
  };
  vi.stubGlobal("caches", { open: () => Promise.resolve(cache) });
  vi.stubGlobal("fetch", () => host());
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const OFFLINE = (): Promise<Response> => Promise.reject(new TypeError("failed"));
const listOf = (version: string): string => `00  assets/app-${version}.js\n01  files-${version}.js\n`;
const serves = (version: string) => () => Promise.resolve(new Response(listOf(version)));
const fileListOf = (version: string): FileList => {
  return new FileList([{ url: `assets/app-${version}.js`, revision: null }, `files-${version}.js`], ORIGIN);
};

/** A version is put up and installed, whole or not. */
async function install(version: string): Promise<FileList> {
  host = serves(version);
  const list = fileListOf(version);
  await list.keep();
  return list;
}

const textOf = async (list: FileList): Promise<string> => (await list.answer()).text();

it("is the own one, whatever waits and whatever could not be installed", async () => {
  const first = await install("v1");
  await first.dropOthers();
  const second = await install("v2");
  expect([await textOf(first), await textOf(second)]).toEqual([listOf("v1"), listOf("v2")]);
  // The third is fetched in part, and comes to nothing; then the second takes over.
  await install("v3");
  host = OFFLINE;
  expect(await textOf(first)).toBe(listOf("v1"));
  await second.dropOthers();
  expect([await textOf(second), held.size]).toEqual([listOf("v2"), 1]);
});

it("is fetched later where it could not be had, and then kept", async () => {
  host = OFFLINE;
  const list = fileListOf("v1");
  await list.keep();
  await expect(list.answer()).rejects.toThrow(TypeError);
  host = serves("v1");
  expect(await textOf(list)).toBe(listOf("v1"));
  host = OFFLINE;
  expect(await textOf(list)).toBe(listOf("v1"));
});

it("is never that of another version which the host has put up meanwhile", async () => {
  host = serves("v2");
  const list = fileListOf("v1");
  await list.keep();
  expect([(await list.answer()).status, held.size]).toEqual([404, 0]);
  host = () => Promise.resolve(new Response("", { status: 404 }));
  expect([(await list.answer()).status, held.size]).toEqual([404, 0]);
});

it("stands at one path", () => {
  const list = fileListOf("v1");
  expect(["/files.sha256", "/files.sha256.js"].map((path) => list.isAt(new URL(path, ORIGIN)))).toEqual([true, false]);
});
