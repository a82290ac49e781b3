import { describe, expect, it } from "vitest";
import { importsOf, listFiles, readText } from "./source-files.ts";

const CODE = listFiles("{src,workers}/**/*.{ts,svelte}");

/** Where bytes become a hash, a signature or a sealed text. */
const SEALING = /\/crypto\/(tagged-hash|schnorr|merkle|aead|bls-backend|noble-bls)\.ts$|^@noble\/hashes|^node:crypto$/;

describe("bytes that are hashed or signed", () => {
  const sealing = CODE.filter((path) => importsOf(path).some((name) => SEALING.test(name)));

  it("[EN-6] are made in files that know no JSON", () => {
    expect(sealing.length).toBeGreaterThan(20);
    expect(sealing.filter((path) => /\bJSON\b/.test(readText(path)))).toEqual([]);
  });

  it("[EN-6] are neither protobuf nor CBOR: nothing of ours imports a codec for them", () => {
    const codecs = /protobuf|protons|\bcbor|msgpack|bson/i;
    expect(CODE.filter((path) => importsOf(path).some((name) => codecs.test(name)))).toEqual([]);
  });

  it("[EN-6] of a chain come from layouts that know no text encoding at all", () => {
    const layouts = listFiles("src/core/{bytes,chain,crypto,params,red-packet}/**/*.ts");
    const text = /\bJSON\b|\bBuffer\b|TextEncoder|toString\(\)/;
    expect(layouts.filter((path) => text.test(readText(path)))).toEqual([]);
  });
});
