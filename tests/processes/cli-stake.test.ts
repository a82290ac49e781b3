import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeDevnet, startDevnet, type Devnet } from "../support/devnet.ts";
import { runStegos } from "../support/stegos-command.ts";

const FAUCET = 1_000_000_000n;
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
  let devnet: Devnet;
  let folder: string;
  const data = (name: string): readonly string[] => ["--data", join(folder, name)];
  const network = (): readonly string[] => ["--network", devnet.url, "--timeout", "120"];
  const file = (): string => join(folder, "validator.key");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "stegos-cli-stake-"));
    devnet = await startDevnet({ fast: true });
  }, 180_000);

  afterAll(async () => {
    await devnet.stop();
    await removeDevnet(devnet);
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function json<T>(args: readonly string[], input = ""): Promise<T> {
    const ran = await runStegos([...args, "--json"], input);
    expect(ran, `${args.join(" ")}: ${ran.notes}`).toMatchObject({ code: 0 });
    return JSON.parse(ran.out) as T;
  }

  const wallet = <T>(words: readonly string[], name: string, input = ""): Promise<T> =>
    json<T>(["wallet", ...words, ...data(name), ...network()], input);

  async function refusal(words: readonly string[], name: string): Promise<string> {
    const ran = await runStegos(["wallet", ...words, ...data(name), ...network()]);
    expect(ran).toMatchObject({ code: 1, out: "" });
    return ran.notes;
  }

  async function stakes(name: string): Promise<readonly Stake[]> {
    const ran = await runStegos(["wallet", "stakes", ...data(name), ...network(), "--json"]);
    expect(ran, ran.notes).toMatchObject({ code: 0 });
    return ran.out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Stake);
  }

  let words: string;
  let validatorKey: string;
  let acceptance: string;

  it("[ST-1] a validator accepts an offer, and coins are locked for it", { timeout: 300_000 }, async () => {
    const made = await wallet<{ words: string; address: string }>(["create"], "owner");
    words = made.words;
    const paid = await fetch(`${devnet.url}/faucet`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ address: made.address }),
    });
    expect(paid.status).toBe(200);
    for (let attempt = 0; attempt < 20; attempt++) {
      if ((await wallet<{ total: string }>(["balance"], "owner")).total === FAUCET.toString()) break;
    }
    ({ bls_key: validatorKey } = await json<{ bls_key: string }>(["key", "new", "--out", file()]));
    const { offer } = await wallet<{ offer: string }>(["stake", "--validator-key", validatorKey], "owner");
    ({ acceptance } = await json<{ acceptance: string }>(["key", "accept", file(), offer]));
    // Too little is said before anything is built, with the rule.
    const small = await refusal(["stake", "--acceptance", acceptance, "--amount", "99.999999"], "owner");
    expect(small).toContain("[stake_too_small]");
    expect(small).toContain("ST-1");
    const locked = await wallet<{ state: string; fee: string }>(
      ["stake", "--acceptance", acceptance, "--amount", "200"],
      "owner",
    );
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
    const { total } = await wallet<{ total: string }>(["balance"], "owner");
    expect(BigInt(total)).toBe(FAUCET - STAKED - BigInt(locked.fee));
    expect(await refusal(["stake", "--acceptance", acceptance, "--amount", "200"], "owner")).toContain(
      "[acceptance_used]",
    );
  });

  it("[ST-5] it is asked for back once, also by a command that is killed", { timeout: 300_000 }, async () => {
    const [{ stake }] = (await stakes("owner")) as [Stake];
    const name = `${stake}`;
    expect(await refusal(["withdraw", name], "owner")).toContain("[not_released]");
    await runStegos(["wallet", "unstake", name, ...data("owner"), ...network()], "", 4_000);
    const again = await runStegos(["wallet", "unstake", name, ...data("owner"), ...network()]);
    if (again.code !== 0) expect(again.notes).toMatch(/\[(already_unbonding|stake_busy)\]/);
    for (let attempt = 0; (await stakes("owner"))[0]?.status !== "unbonding"; attempt++) {
      if (attempt > 20) throw new Error("not unbonding");
    }
    expect(await refusal(["unstake", name], "owner")).toContain("[already_unbonding]");
  });

  it("the words find the stake again, and when it is released", { timeout: 300_000 }, async () => {
    await wallet(["restore"], "again", `${words}\n`);
    let [found] = await stakes("again");
    for (let attempt = 0; attempt < 20 && found?.release_ms === null; attempt++) [found] = await stakes("again");
    expect(found).toMatchObject({ validator_key: validatorKey, status: "unbonding" });
    expect(found!.release_ms).toBeGreaterThan(Date.now());
    expect(await stakes("owner")).toEqual([found]);
    expect(await refusal(["withdraw", `${found!.stake}`], "again")).toContain("[not_released]");
  });

  it("a key does not answer for another, and nonsense is no offer", { timeout: 60_000 }, async () => {
    const other = join(folder, "other.key");
    await json(["key", "new", "--out", other]);
    const { offer } = await wallet<{ offer: string }>(["stake", "--validator-key", validatorKey], "owner");
    expect((await runStegos(["key", "accept", other, offer])).notes).toContain("[other_key]");
    expect((await runStegos(["key", "accept", file(), "nonsense"])).notes).toContain("[offer_invalid]");
    expect((await runStegos(["wallet", "stake", ...data("owner"), ...network()])).code).toBe(2);
  });
});
