import { describe, expect, it } from "vitest";
import { CheckState, cleanProof } from "../../../src/app/state/check.svelte.ts";
import { proofLink, ProofState } from "../../../src/app/state/proof.svelte.ts";
import { Session } from "../../../src/app/state/session.svelte.ts";
import { amount } from "../../../src/core/values/amount.ts";
import { fakeAddress, FakeClient } from "../../support/fake-client.ts";

async function started() {
  const fake = new FakeClient();
  const session = new Session(() => ({ client: fake, close: () => undefined }));
  await session.start();
  return { fake, session };
}

describe("proofs", () => {
  it("are made, or say why not", async () => {
    const { fake, session } = await started();
    const proof = new ProofState(session);
    await proof.make("ab");
    expect([proof.text, proof.problem]).toEqual(["dstgproof1fake", undefined]);
    const other = new ProofState(session);
    fake.answers.makeProof = { ok: false, code: "proof_lost" };
    await other.make("ab");
    expect([other.text, other.problem]).toEqual([undefined, "proof_lost"]);
    fake.broken.add("makeProof");
    await other.make("ab");
    expect(other.problem).toBe("failed");
  });

  it("are found in links and in lines that a mail has broken", () => {
    expect(cleanProof(proofLink("https://wallet.example", "dstgproof1x"))).toBe("dstgproof1x");
    expect(cleanProof("https://wallet.example/c#\n dstg\nproof1 x")).toBe("dstgproof1x");
    expect(cleanProof(" dstgproof1x ")).toBe("dstgproof1x");
  });

  it("are checked once each, and an answer counts for its own text alone", async () => {
    const { fake, session } = await started();
    const check = new CheckState(session);
    await check.check();
    check.take("dstgproof1a");
    expect(check.isWanted).toBe(true);
    await Promise.all([check.check(), check.check()]);
    expect([check.isWanted, check.outcome]).toEqual([false, { ok: false, code: "not_a_proof" }]);
    expect(fake.calls.filter(({ name }) => name === "checkProof").map(({ argument }) => argument)).toEqual([
      "dstgproof1a",
    ]);
    check.text = "dstgproof1b";
    expect(check.outcome).toBeUndefined();
    fake.broken.add("checkProof");
    await check.check();
    expect(check.outcome).toEqual({ ok: false, code: "failed" });
  });

  it("that nobody could answer for are asked about again, others not", async () => {
    const { fake, session } = await started();
    const check = new CheckState(session);
    const proof = { to: fakeAddress(1), amount: amount(1n), height: 1, leaf: 1, outputHash: "" };
    fake.answers.checkProof = { ok: false, code: "unchecked", reason: "offline", proof };
    check.take("dstgproof1a");
    await check.check();
    fake.answers.checkProof = { ok: true, proof };
    await check.checkAgain();
    expect(check.outcome).toEqual({ ok: true, proof });
    const before = fake.calls.length;
    await check.checkAgain();
    expect(fake.calls.length).toBe(before);
    check.clear();
    expect([check.text, check.outcome]).toEqual(["", undefined]);
  });
});
