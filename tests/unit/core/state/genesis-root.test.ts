import { expect, it } from "vitest";
import { genesisRoot } from "../../../../src/core/state/genesis-root.ts";
import { ZERO_HASH } from "../../../../src/core/values/hash.ts";
import { LedgerBuilder } from "../../../support/ledger-builder.ts";

it("[GE-1] the root of header 0 follows from the genesis: all of its outputs, in their order", () => {
  const { genesis, tip } = new LedgerBuilder({ label: "genesis root" });
  const { outputs } = genesis;
  expect(new Set(outputs.map(({ type }) => type))).toEqual(new Set(["stake", "public"]));
  expect(genesisRoot(outputs)).toEqual(tip.header.utxoRoot);
  expect(genesisRoot(outputs.slice(1))).not.toEqual(tip.header.utxoRoot);
  expect(genesisRoot(outputs.toReversed())).not.toEqual(tip.header.utxoRoot);
  expect(genesisRoot([])).toEqual(ZERO_HASH);
});
