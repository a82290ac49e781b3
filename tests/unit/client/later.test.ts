import { describe, expect, it } from "vitest";
import { later } from "../../../src/client/later.ts";
import { fakeBls } from "../../support/fake-bls.ts";

describe("a library that is loaded later", () => {
  it("throws before, answers as the library after, and is loaded once", async () => {
    let opened = 0;
    const { library: bls, load } = later("BLS", () => {
      opened++;
      return Promise.resolve(fakeBls);
    });
    const seed = new Uint8Array(32).fill(1);
    const message = new Uint8Array(32).fill(2);
    expect(() => bls.publicKey(seed)).toThrow("BLS is not loaded");
    expect(opened).toBe(0);
    await Promise.all([load(), load()]);
    await load();
    expect(opened).toBe(1);
    expect(bls.name).toBe(fakeBls.name);
    const [key, signature] = [bls.publicKey(seed), bls.sign(seed, message)];
    const proof = bls.prove(seed, message);
    expect(key).toEqual(fakeBls.publicKey(seed));
    expect(signature).toEqual(fakeBls.sign(seed, message));
    expect(bls.verify(key, message, signature)).toBe(fakeBls.verify(key, message, signature));
    expect(bls.aggregate([signature])).toEqual(fakeBls.aggregate([signature]));
    expect(bls.verifyAggregate([key], message, signature)).toBe(fakeBls.verifyAggregate([key], message, signature));
    expect(proof).toEqual(fakeBls.prove(seed, message));
    expect(bls.verifyPossession(key, message, proof)).toBe(fakeBls.verifyPossession(key, message, proof));
    expect(bls.isPublicKey(key)).toBe(fakeBls.isPublicKey(key));
  });

  it("that did not come may be asked for again", async () => {
    let isThere = false;
    const { library: bls, load } = later("BLS", () => {
      return isThere ? Promise.resolve(fakeBls) : Promise.reject(new Error("offline"));
    });
    await expect(load()).rejects.toThrow("offline");
    isThere = true;
    await load();
    expect(bls.name).toBe(fakeBls.name);
  });
});
