import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandLineWallets, FAUCET_PAYS, jsonOf } from "../support/command-line-wallets.ts";
import { runStegos } from "../support/stegos-command.ts";

const STAKED = 200_000_000n;

interface Stake {
  readonly stake: number | null;
  readonly validator_key: string | null;
  readonly amount: string;
  readonly status: string;
  readonly release_ms: number | null;
  readonly validating: boolean;
  readonly validator_status: string | null;
  readonly validator_accrued: string | null;
}

describe("stegos wallet stake on a real network", () => {
  let wallets: CommandLineWallets;
  const file = (): string => join(wallets.folder, "validator.key");

  beforeAll(async () => {
    wallets = await CommandLineWallets.start();
  }, 180_000);

  afterAll(() => wallets.end(), 60_000);

  const stakes = (name: string): Promise<readonly Stake[]> => wallets.lines<Stake>(name, ["stakes"]);

  let words: string;
  let validatorKey: string;
  let acceptance: string;

  it("[ST-1] a validator accepts an offer, and coins are locked for it", { timeout: 300_000 }, async () => {
    const made = await wallets.json<{ words: string; address: string }>("owner", ["create"]);
    words = made.words;
    await wallets.payByFaucet("owner", made.address);
    ({ bls_key: validatorKey } = await jsonOf<{ bls_key: string }>(["key", "new", "--out", file()]));
    const { offer } = await wallets.json<{ offer: string }>("owner", ["stake", "--validator-key", validatorKey]);
    ({ acceptance } = await jsonOf<{ acceptance: string }>(["key", "accept", file(), offer]));
    // Too little is said before anything is built, with the rule.
    const small = await wallets.refusal("owner", ["stake", "--acceptance", acceptance, "--amount", "99.999999"]);
    expect(small).toContain("[stake_too_small]");
    expect(small).toContain("ST-1");
    const stake = ["stake", "--acceptance", acceptance, "--amount", "200"];
    const locked = await wallets.json<{ state: string; fee: string }>("owner", stake);
    expect(locked.state).toBe("final");
    expect(await stakes("owner")).toMatchObject([
      {
        validator_key: validatorKey,
        amount: STAKED.toString(),
        status: "bonded",
        release_ms: null,
        validating: false,
        // Proven by the last boundary block, in which this key has no seat.
        validator_status: "waiting",
        // And for which nothing can be owed before it has one.
        validator_accrued: expect.toBeOneOf(["0", null]) as unknown,
      },
    ]);
    const { total } = await wallets.json<{ total: string }>("owner", ["balance"]);
    expect(BigInt(total)).toBe(FAUCET_PAYS - STAKED - BigInt(locked.fee));
    expect(await wallets.refusal("owner", stake)).toContain("[acceptance_used]");
  });

  it("[ST-5] it is asked for back once, also by a command that is killed", { timeout: 300_000 }, async () => {
    const [{ stake }] = (await stakes("owner")) as [Stake];
    const name = `${stake}`;
    expect(await wallets.refusal("owner", ["withdraw", name])).toContain("[not_released]");
    await wallets.run("owner", ["unstake", name], "", 4_000);
    const again = await wallets.run("owner", ["unstake", name]);
    if (again.code !== 0) expect(again.notes).toMatch(/\[(already_unbonding|stake_busy)\]/);
    for (let attempt = 0; (await stakes("owner"))[0]?.status !== "unbonding"; attempt++) {
      if (attempt > 20) throw new Error("not unbonding");
    }
    expect(await wallets.refusal("owner", ["unstake", name])).toContain("[already_unbonding]");
  });

  it("the words find the stake again, and when it is released", { timeout: 300_000 }, async () => {
    await wallets.json("again", ["restore"], `${words}\n`);
    let [found] = await stakes("again");
    for (let attempt = 0; attempt < 20 && found?.release_ms === null; attempt++) [found] = await stakes("again");
    expect(found).toMatchObject({ validator_key: validatorKey, status: "unbonding" });
    expect(found!.release_ms).toBeGreaterThan(Date.now());
    expect(await stakes("owner")).toEqual([found]);
    expect(await wallets.refusal("again", ["withdraw", `${found!.stake}`])).toContain("[not_released]");
  });

  it("a key does not answer for another, and nonsense is no offer", { timeout: 300_000 }, async () => {
    const other = join(wallets.folder, "other.key");
    await jsonOf(["key", "new", "--out", other]);
    const { offer } = await wallets.json<{ offer: string }>("owner", ["stake", "--validator-key", validatorKey]);
    expect((await runStegos(["key", "accept", other, offer])).notes).toContain("[other_key]");
    expect((await runStegos(["key", "accept", file(), "nonsense"])).notes).toContain("[offer_invalid]");
    expect((await wallets.run("owner", ["stake"])).code).toBe(2);
  });
});
