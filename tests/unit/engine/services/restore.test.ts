import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import { openWalletStore } from "../../../../src/client/storage/wallet-store.ts";
import { formatAddress } from "../../../../src/core/values/address.ts";
import { amount } from "../../../../src/core/values/amount.ts";
import { timeMs } from "../../../../src/core/values/height.ts";
import { parseRecoveryWords } from "../../../../src/core/values/recovery-words.ts";
import { deriveAccount, deriveAddress } from "../../../../src/core/wallet/keys.ts";
import { ClientWorld } from "../../../support/client-world.ts";
import { omitNewestOutput } from "../../../support/omit-output.ts";
import { curve } from "../../../support/wallet-vectors.ts";

describe("a wallet restored from its words on another device", () => {
  let world: ClientWorld;

  afterEach(async () => {
    await world.close();
  });

  /** A wallet that was paid, has paid itself with a memo, and stands at the end of an epoch; its words. */
  async function firstDevice(): Promise<{ words: string; total: bigint }> {
    const client = await world.open();
    await world.makeWallet();
    const address = await client.accounts.address({ fresh: true });
    world.pay(address, 5_000_000n);
    await world.balance(5_000_000n);
    const proposed = await client.payments.propose({ to: address, amount: amount(1_000_000n), memo: "tea" });
    if (!proposed.ok) throw new Error(proposed.code);
    await client.payments.confirm(proposed.proposal.proposalId);
    const submitted = await world.until(() => world.server.submitted[0], "submission");
    world.server.extend([submitted.transaction]);
    const total = 5_000_000n - proposed.proposal.fee;
    await world.balance(total);
    const words = await client.accounts.recoveryWords();
    await world.close();
    world.server.extendToBoundary();
    world.announce();
    return { words, total };
  }

  it("[BL-8] [NW-14] has the same balance and memos, pays from there, and is told how far it is", async () => {
    world = new ClientWorld();
    await world.serve();
    const { words, total } = await firstDevice();
    const client = await world.open("second");
    expect(await client.accounts.restore({ words: "no words" })).toEqual({ ok: false, code: "words_invalid" });
    expect(client.walletView().exists).toBe(false);
    const typed = `  ${words.toUpperCase().split(" ").join("  ")} `;
    expect(await client.accounts.restore({ words: typed })).toEqual({
      ok: true,
      wallet: { exists: true, wordsSeen: true, isRestored: true, notice: undefined },
    });
    expect(await client.accounts.restore({ words })).toEqual({ ok: false, code: "wallet_exists" });
    await world.balance(total);
    await world.until(async () => ((await client.views.restore()) === undefined ? true : undefined), "end of it");
    const told = world.events.flatMap((event) => (event.type === "restore-changed" ? [event.restore] : []));
    expect(told.at(-1)).toBeUndefined();
    expect(told.some((view) => view?.rangesTotal === 1 && view.outputsChecked > 0)).toBe(true);
    const memo = await world.row((row) => row.memo === "tea");
    expect(memo).toMatchObject({ direction: "in", isTimeBound: true });
    expect(await client.accounts.recoveryWords()).toBe(words);
    // Whoever restores shows an address that nobody has paid to.
    const paidTo = await client.accounts.address({ fresh: false });
    world.pay(paidTo, 250_000n);
    await world.balance(total + 250_000n);
    await world.live();
    const proposed = await client.payments.propose({ to: paidTo, amount: amount(4_900_000n), memo: "" });
    expect(proposed.ok).toBe(true);
    if (!proposed.ok) return;
    expect(await client.payments.confirm(proposed.proposal.proposalId)).toMatchObject({ ok: true });
    const submitted = await world.until(() => world.server.submitted[1], "submission");
    world.server.extend([submitted.transaction]);
    await world.balance(total + 250_000n - proposed.proposal.fee);
    expect(world.server.buckets.every((ids) => ids.length === 3)).toBe(true);
    expect(world.server.buckets.length).toBeGreaterThan(0);
    expect(world.failures).toEqual([]);
  });

  it("[AD-7] finds a coin far behind the last address that any other coin tells of", async () => {
    world = new ClientWorld();
    await world.serve();
    const { words, total } = await firstDevice();
    const parsed = parseRecoveryWords(words);
    if (!parsed.ok) throw new Error(parsed.code);
    const far = deriveAddress(curve, deriveAccount(curve, parsed.seed, 0).view, 150);
    world.pay(formatAddress(far, "dev"), 7_000n);
    world.server.extendToBoundary();
    world.announce();
    const client = await world.open("far");
    await client.accounts.restore({ words, birthdayMs: timeMs(1_700_000_000_000) });
    await world.balance(total + 7_000n);
  });

  it("[BL-7] one of three nodes lies: it is named, and the others bring the coins", async () => {
    world = new ClientWorld();
    await world.serve("node-a", omitNewestOutput);
    const { words, total } = await firstDevice();
    const client = await world.open("lied to");
    await client.accounts.restore({ words });
    await world.balance(total);
    expect(world.log).toEqual(["node 0 (node-a) was left: wrong_range"]);
  });

  it("goes on after a restart, also where nothing but the keys was stored", async () => {
    world = new ClientWorld();
    await world.serve();
    const { words, total } = await firstDevice();
    const parsed = parseRecoveryWords(words);
    if (!parsed.ok) throw new Error(parsed.code);
    const store = await openWalletStore({ name: "keys alone" });
    await store.putSecrets(parsed.seed);
    await store.close();
    const file = world.networkFile;
    world.networkFile = undefined;
    const client = await world.open("keys alone");
    expect(await client.views.restore()).toMatchObject({ rangesDone: 0, rangesTotal: undefined });
    expect(await client.views.balance()).toBeUndefined();
    // Nobody may have seen the words: a wallet that calls them seen would be erased without a warning.
    expect(client.walletView()).toMatchObject({ exists: true, wordsSeen: false });
    await world.close();
    world.networkFile = file;
    await world.open("keys alone");
    await world.balance(total);
  });

  it("a kill right behind the keys of a new wallet leaves a new wallet: nothing is looked for", async () => {
    world = new ClientWorld();
    await world.serve();
    // Without a network nothing else is written that could fail first, before the keys are.
    const file = world.networkFile;
    world.networkFile = undefined;
    const killed = await world.open("made and killed");
    world.breakStore();
    void killed.accounts.create();
    await world.until(() => (world.failures.length === 0 ? undefined : true), "kill");
    await world.close();
    world.networkFile = file;

    const client = await world.open("made and killed");
    expect(client.walletView()).toEqual({ exists: true, wordsSeen: false });
    expect(await client.views.restore()).toBeUndefined();
    await world.live();
    const address = await client.accounts.address({ fresh: false });
    world.pay(address, 5n);
    await world.balance(5n);
  });
});
