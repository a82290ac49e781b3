import type { ClientApi, MakeProofResult, ProofCheck } from "../../api/client-api.ts";
import type { ProofView } from "../../api/views.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import type { NetworkConfig } from "../../core/sync/network-config.ts";
import type { TrustedHeader } from "../../core/sync/skip-header.ts";
import type { TimeMs } from "../../core/values/height.ts";
import { formatAddress, parseAddress } from "../../core/values/address.ts";
import type { NetworkName } from "../../core/values/network.ts";
import { formatProof, parseProof, verifyPlacedProof, type PlacedProof } from "../../core/wallet/proof-text.ts";
import { decoySecret } from "../../core/sync/decoy.ts";
import { OutputLookup, type LookupResult } from "./output-lookup.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import { networkOf } from "./views.ts";

const CONFIG_MS = 10_000;
const TIME_MS = 5_000;

/** The proofs area of the client's API: receipts for own payments, and the check of anybody's (2.4). */
export class ProofsService {
  readonly #edges: LightClientEdges;
  readonly #run: () => LightClientRun | undefined;
  readonly #lookup: OutputLookup;
  #lastCheck: Promise<unknown> = Promise.resolve();

  constructor(edges: LightClientEdges, run: () => LightClientRun | undefined) {
    this.#edges = edges;
    this.#run = run;
    this.#lookup = new OutputLookup(edges);
  }

  readonly api: ClientApi["proofs"] = {
    make: (txid) => Promise.resolve(this.#make(txid)),
    check: (text) => {
      // One after the other: each opens a connection.
      const turn = this.#lastCheck.then(() => this.#check(text));
      this.#lastCheck = turn.catch(() => undefined);
      return turn;
    },
  };

  #make(txid: string): MakeProofResult {
    const state = this.#run()?.state;
    const payment = state?.durable.wallet?.payments.get(txid);
    const network = networkOf(state);
    const chainId = state?.durable.anchor?.chainId;
    if (payment === undefined || network === undefined || chainId === undefined) {
      return { ok: false, code: "unknown_payment" };
    }
    const { proofParts, settled, anchorSource } = payment;
    if (payment.state !== "final" || settled === undefined) return { ok: false, code: "not_final" };
    const paid = payment.outputs.find((output) => !output.isOwn);
    const to = parseAddress(payment.to, network);
    if (proofParts === undefined || paid === undefined || !to.ok) return { ok: false, code: "proof_lost" };
    const { outputHash, amount, counter } = paid;
    const proof = { chainId, outputHash, to: to.keys, amount, n: counter, anchorSource };
    return { ok: true, text: formatProof({ proof, height: settled.height, ...proofParts }) };
  }

  async #check(text: string): Promise<ProofCheck> {
    const parsed = parseProof(text);
    if (!parsed.ok) return { ok: false, code: "not_a_proof" };
    const { placed, network } = parsed;
    const state = this.#run()?.state;
    const chainId = state?.config?.chainId ?? state?.durable.anchor?.chainId;
    if (chainId !== undefined && chainId !== placed.proof.chainId) return { ok: false, code: "wrong_network" };
    if (!verifyPlacedProof(this.#edges.curve, placed)) return { ok: false, code: "does_not_pay" };
    const proof = viewProof(placed, network);
    const found = await this.#find(placed);
    if (found === "found") return { ok: true, proof: { ...proof, timeMs: await this.#timeOf(placed) } };
    if (found === "not_there") return { ok: false, code: "not_on_chain" };
    return { ok: false, code: "unchecked", reason: found, proof };
  }

  /** For people; the proof holds without it. */
  #timeOf({ height }: PlacedProof): Promise<TimeMs | undefined> {
    const run = this.#run();
    const config = run?.state.config;
    if (run === undefined || config === undefined) return Promise.resolve(undefined);
    return this.#soon(this.#lookup.blockTime(config, trustedHeader(run, config), height), TIME_MS);
  }

  /** A page that was just opened, by the link of a proof, has yet to read the network file. */
  #configured(run: LightClientRun): Promise<NetworkConfig | undefined> {
    const read = run.until(({ config, problem }) => config !== undefined || problem !== undefined);
    return this.#soon(
      read.then(
        ({ config }) => config,
        () => undefined,
      ),
      CONFIG_MS,
    );
  }

  #soon<Value>(work: Promise<Value>, limitMs: number): Promise<Value | undefined> {
    return new Promise((resolve, reject) => {
      const callOff = this.#edges.timers.after(limitMs, () => resolve(undefined));
      work.then(resolve, reject).finally(callOff);
    });
  }

  /** From the block we stand at, or from the checkpoint, whichever is newer: also a device without a wallet may ask. */
  async #find({ proof, leaf, height }: PlacedProof): Promise<LookupResult> {
    const run = this.#run();
    const config = run && (await this.#configured(run));
    if (run === undefined || config === undefined) return "offline";
    const trusted = trustedHeader(run, config);
    // The decoys of the wallet, so that no two triples show which bucket was meant; else those of the proof, which no
    // node knows.
    const decoys = run.decoySecret() ?? decoySecret(proof.anchorSource);
    return this.#lookup.find(config, trusted, { outputHash: proof.outputHash, leaf, height }, decoys);
  }
}

/** The newest header that is known without asking; undefined: the checkpoint's. */
function trustedHeader(run: LightClientRun, config: NetworkConfig): TrustedHeader | undefined {
  const { chain } = run.state.durable;
  return chain !== undefined && chain.header.height >= config.checkpoint.height ? chain : undefined;
}

function viewProof({ proof, height, leaf }: PlacedProof, network: NetworkName): ProofView {
  const { amount, outputHash } = proof;
  return { to: formatAddress(proof.to, network), amount, height, leaf, outputHash: formatHex(outputHash) };
}
