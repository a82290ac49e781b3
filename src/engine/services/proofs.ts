import type { ClientApi, MakeProofResult, ProofCheck } from "../../api/client-api.ts";
import type { ProofView } from "../../api/views.ts";
import { formatHex } from "../../core/bytes/hex.ts";
import { formatAddress, parseAddress } from "../../core/values/address.ts";
import type { NetworkName } from "../../core/values/network.ts";
import { formatProof, parseProof, verifyPlacedProof, type PlacedProof } from "../../core/wallet/proof-text.ts";
import { decoySecret } from "../../core/sync/decoy.ts";
import { ForkWatch, isForked } from "./fork-watch.ts";
import { findGround } from "./lookup-ground.ts";
import { OutputLookup } from "./output-lookup.ts";
import type { LightClientEdges, LightClientRun } from "./light-client-run.ts";
import { networkOf } from "./views.ts";

/** What proofs need of a run. */
export type ProofRun = Pick<LightClientRun, "state" | "until" | "decoySecret" | "proofRoot">;

/** The proofs area of the client's API: receipts for own payments, and the check of anybody's (2.4). */
export class ProofsService {
  readonly #edges: LightClientEdges;
  readonly #run: () => ProofRun | undefined;
  readonly #lookup: OutputLookup;
  #lastCheck: Promise<unknown> = Promise.resolve();
  /** LC-3: a fork that is found meanwhile ends these connections as well. */
  readonly #forks: ForkWatch;

  constructor(edges: LightClientEdges, run: () => ProofRun | undefined) {
    this.#edges = edges;
    this.#run = run;
    this.#lookup = new OutputLookup(edges);
    this.#forks = new ForkWatch(() => this.#lookup.endAll());
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

  /** The run is over: nobody is asked any more, and no host is left. */
  stopped(): Promise<void> {
    return this.#lookup.endAll();
  }

  #make(txid: string): MakeProofResult {
    const state = this.#run()?.state;
    const payment = state?.durable.wallet?.payments.get(txid);
    const network = networkOf(state);
    const chainId = state?.durable.anchor?.chainId;
    if (payment === undefined || payment.act !== undefined || network === undefined || chainId === undefined) {
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
    const ground = await findGround(this.#run, this.#edges.timers, this.#forks);
    if (typeof ground === "string") return { ok: false, code: "unchecked", reason: ground, proof };
    const { outputHash, anchorSource } = placed.proof;
    const sought = { outputHash, leaf: placed.leaf, height: placed.height };
    // The decoys of the wallet, so that no two triples show which bucket was meant; else those of the proof, which no
    // node knows.
    const decoys = this.#run()?.decoySecret() ?? decoySecret(anchorSource);
    const found = await this.#lookup.find(ground, sought, decoys);
    if (isForked(this.#run())) return { ok: false, code: "unchecked", reason: "fork", proof };
    if (found === "not_there") return { ok: false, code: "not_on_chain" };
    if (found !== "found") return { ok: false, code: "unchecked", reason: found, proof };
    // For people; the proof holds without it.
    return { ok: true, proof: { ...proof, timeMs: await this.#lookup.blockTime(ground, placed.height) } };
  }
}

function viewProof({ proof, height, leaf }: PlacedProof, network: NetworkName): ProofView {
  const { amount, outputHash } = proof;
  return { to: formatAddress(proof.to, network), amount, height, leaf, outputHash: formatHex(outputHash) };
}
