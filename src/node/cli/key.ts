import { equalBytes } from "../../core/bytes/compare-bytes.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { systemRandom } from "../edges.ts";
import { Refusal } from "../refusal.ts";
import type { Arguments } from "./arguments.ts";
import { RPC_OPTION } from "./ask-node.ts";
import type { CommandGroup, CommandLeaf, CommandOutput } from "./command.ts";
import { readKeyFile, VALIDATOR_SEED_SIZE, writeKeyFile } from "./key-file.ts";

const newKey: CommandLeaf = {
  name: "new",
  summary: "Makes a key and writes it to a new file; prints its public half.",
  options: [{ name: "out", value: "FILE", help: "the file to make" }],
  async run(args, output) {
    const path = args.required("out");
    const seed = systemRandom.bytes(VALIDATOR_SEED_SIZE);
    await writeKeyFile(path, seed);
    await printKey(seed, args, output);
  },
};

const showKey: CommandLeaf = {
  name: "show",
  summary: "Prints the public half of a key.",
  words: ["FILE"],
  options: [],
  async run(args, output) {
    await printKey(await readKeyFile(args.words[0]!), args, output);
  },
};

const acceptOffer: CommandLeaf = {
  name: "accept",
  summary: "Accepts a stake that a wallet offers: prints what the wallet needs. Moves no coins.",
  words: ["FILE", "OFFER"],
  options: [],
  async run(args, output) {
    const [file, text] = [args.words[0]!, args.words[1]!];
    const { acceptStake, formatStakeAcceptance, parseStakeOffer } = await import("../../core/wallet/stake-offer.ts");
    const { createBlstBls } = await import("../crypto/blst-bls.ts");
    const offer = parseStakeOffer(text);
    if (offer === undefined) throw new Refusal("offer_invalid", "this is no offer of a wallet");
    const seed = await readKeyFile(file);
    const bls = createBlstBls();
    if (!equalBytes(bls.publicKey(seed), offer.blsKey)) throw new Refusal("other_key", "the offer is to another key");
    const acceptance = formatStakeAcceptance(acceptStake(bls, seed, offer));
    output.out(args.has("json") ? JSON.stringify({ acceptance }) : acceptance);
  },
};

const unjailKey: CommandLeaf = {
  name: "unjail",
  summary: "Says that a jailed validator is back; its node does so by itself unless it was started with --no-unjail.",
  words: ["FILE"],
  options: [RPC_OPTION],
  async run(args, output) {
    const seed = await readKeyFile(args.words[0]!);
    const { unjail } = await import("./unjail.ts");
    const txid = await unjail(args, seed);
    output.note("It has a seat again from the end of this epoch or the next on; see: stegos explorer validator KEY");
    output.out(args.has("json") ? JSON.stringify({ txid }) : txid);
  },
};

/** `stegos key …`: keys with which a validator votes. */
export const key: CommandGroup = {
  name: "key",
  summary: "Validator keys: files that only their owner can read.",
  commands: [newKey, showKey, acceptOffer, unjailKey],
};

async function printKey(seed: Uint8Array, args: Arguments, output: CommandOutput): Promise<void> {
  const { createBlstBls } = await import("../crypto/blst-bls.ts");
  const blsKey = formatHex(createBlstBls().publicKey(seed));
  output.out(args.has("json") ? JSON.stringify({ bls_key: blsKey }) : blsKey);
}
