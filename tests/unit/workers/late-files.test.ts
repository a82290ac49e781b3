import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { isLateFile, LateFiles } from "../../../workers/late-files.ts";

const ORIGIN = "https://app.example";
const LATE = { url: "assets/zxing_reader-abc.wasm", revision: null, integrity: "sha384-right" };
const HREF = `${ORIGIN}/${LATE.url}`;

const held = new Map<string, string>();
let isFull = false;
let asked: [url: string, integrity: string][] = [];
let answer: () => Promise<Response>;

beforeEach(() => {
  held.clear();
  isFull = false;
  asked = [];
  answer = () => Promise.resolve(new Response("reader"));
  const cache = {
    match: (url: string) => Promise.resolve(held.has(url) ? new Response(held.get(url)) : undefined),
    put: async (url: string, response: Response) => {
      if (isFull) throw new DOMException("", "QuotaExceededError");
      held.set(url, await response.text());
    },
    keys: () => Promise.resolve([...held.keys()].map((url) => ({ url }))),
    delete: (url: string) => Promise.resolve(held.delete(url)),
  };
  vi.stubGlobal("caches", { open: () => Promise.resolve(cache) });
  vi.stubGlobal("fetch", (url: string, { integrity }: RequestInit) => {
    asked.push([url, integrity ?? ""]);
    return answer();
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function get(files: LateFiles): Promise<string> {
  const work: Promise<unknown>[] = [];
  const response = await files.answer(HREF, (each) => work.push(each));
  const text = await response.text();
  await Promise.all(work);
  return text;
}

it("are the slow reader alone, and only with a content to check", () => {
  expect(isLateFile(LATE)).toBe(true);
  expect(isLateFile({ ...LATE, url: "assets/zxing_reader-abc.js" })).toBe(false);
  expect(isLateFile({ ...LATE, url: "assets/other-abc.wasm" })).toBe(false);
  expect(isLateFile({ url: LATE.url, revision: null })).toBe(false);
  expect(isLateFile(LATE.url)).toBe(false);
});

it("are fetched once, with the content that the build names", async () => {
  const files = new LateFiles([LATE], ORIGIN);
  expect([files.has(HREF), files.has(`${ORIGIN}/assets/zxing_reader-old.wasm`)]).toEqual([true, false]);
  expect([await get(files), await get(files)]).toEqual(["reader", "reader"]);
  expect(asked).toEqual([[HREF, "sha384-right"]]);
});

it("are asked for again where an answer was wrong, none came, or there was no room", async () => {
  const files = new LateFiles([LATE], ORIGIN);
  // What a browser says of a content with another hash, and without a network.
  answer = () => Promise.reject(new TypeError("failed"));
  await expect(get(files)).rejects.toThrow(TypeError);
  answer = () => Promise.resolve(new Response("gone", { status: 404 }));
  expect(await get(files)).toBe("gone");
  answer = () => Promise.resolve(new Response("reader"));
  isFull = true;
  expect(await get(files)).toBe("reader");
  expect(held.size).toBe(0);
  isFull = false;
  expect(await get(files)).toBe("reader");
  expect([held.size, asked.length]).toEqual([1, 4]);
});

it("of another version go when this one takes over", async () => {
  held.set(HREF, "reader").set(`${ORIGIN}/assets/zxing_reader-old.wasm`, "old reader");
  await new LateFiles([LATE], ORIGIN).dropOthers();
  expect([...held.keys()]).toEqual([HREF]);
});
