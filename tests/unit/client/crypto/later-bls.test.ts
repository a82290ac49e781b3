import { describe, expect, it } from "vitest";
import { laterBls } from "../../../../src/client/crypto/later-bls.ts";
import { fakeBls } from "../../../support/fake-bls.ts";

describe("BLS that is loaded later", () => {
  it("throws before, answers as the library after, and is loaded once", async () => {
    let opened = 0;
    const { bls, load } = laterBls(() => {
      opened++;
      return Promise.resolve(fakeBls);
    });
    const seed = new Uint8Array(32).fill(1);
    const message = new Uint8Array(32).fill(2);
    expect(() => bls.publicKey(seed)).toThrow("not loaded");
    expect(opened).toBe(0);
    await load();
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
    const { bls, load } = laterBls(() => (isThere ? Promise.resolve(fakeBls) : Promise.reject(new Error("offline"))));
    await expect(load()).rejects.toThrow("offline");
    isThere = true;
    await load();
    expect(bls.name).toBe(fakeBls.name);
  });
});
