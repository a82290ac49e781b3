import type { ProofCheck } from "../../../api/client-api.ts";
import type { ProofView } from "../../../api/views.ts";
import { formatAmount } from "../../../core/values/amount.ts";
import { Refusal } from "../../refusal.ts";
import { MemoryClientStore } from "../../storage/memory-client-store.ts";
import { withClient } from "./wallet-folder.ts";
import type { WalletContext } from "./wallet-session.ts";

const REFUSED: Readonly<Record<Exclude<Extract<ProofCheck, { ok: false }>["code"], "unchecked">, string>> = {
  not_a_proof: "this is no payment proof",
  wrong_network: "the proof is of another network",
  does_not_pay: "the proof is forged: no output pays as it says",
  not_on_chain: "the payment is not on the chain",
};

/** `wallet verify-proof TEXT`: who was paid how much, if the chain has it. Needs no wallet and touches none. */
export function verifyProof(context: WalletContext): Promise<void> {
  const { args, output } = context;
  const text = args.words[0]!.trim();
  return withClient(context, new MemoryClientStore(), async (session) => {
    await session.until(
      async () => (await session.client.views.sync()).network,
      () => Promise.resolve(new Refusal("timeout", "the network was not reached in time")),
    );
    const check = await session.inTime(session.client.proofs.check(text));
    if (check.ok) {
      output.out(
        args.has("json") ? JSON.stringify({ valid: true, ...proofObject(check.proof) }) : sentence(check.proof),
      );
      return;
    }
    if (check.code !== "unchecked") throw new Refusal(check.code, REFUSED[check.code]);
    if (check.reason === "offline")
      throw new Refusal("no_node_reachable", "no node could say whether the chain has it");
    if (check.reason === "checkpoint_too_old")
      throw new Refusal("checkpoint_too_old", "the network file names no block young enough to check it against");
    if (check.reason === "fork")
      throw new Refusal("fork", "the chain has forked, and nobody can say which side counts");
    throw new Refusal(
      "proof_too_old",
      "the proof is right in itself, but its output was spent too long ago to be found",
    );
  });
}

function proofObject(view: ProofView): Readonly<Record<string, unknown>> {
  const { to, amount, height, leaf, outputHash, timeMs } = view;
  return { to, amount: amount.toString(), height, time_ms: timeMs ?? null, leaf, output_hash: outputHash };
}

function sentence({ to, amount, height, leaf, timeMs }: ProofView): string {
  const time = timeMs === undefined ? "" : ` at ${new Date(timeMs).toISOString()}`;
  return `paid ${formatAmount(amount)} STG to ${to} in block ${height}${time} (output ${leaf})`;
}
