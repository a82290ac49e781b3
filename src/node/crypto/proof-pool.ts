import { Worker } from "node:worker_threads";
import type { SpendClaims } from "../../core/state/spend-claims.ts";
import type { RuleNumber } from "../../core/values/rule-number.ts";
import type { KernelsForThread } from "./compiled-kernels.ts";
import type { ProofAnswer, ProofJob } from "./proof-worker.ts";

/**
 * Values under the proofs of transactions that the thread takes at once, of several where several wait: together they cost
 * a third of what they cost one by one, and about half a second if all are wrong. A packet of more values than these goes
 * alone: a block waits for no second one.
 */
const TRANSACTION_VALUES_MAX = 24;

/** For each of some claims the first rule that it breaks, undefined where it breaks none. */
export type Verdicts = readonly (RuleNumber | undefined)[];

/** Claims of one block, by the number of the machine's job. */
export interface BlockClaims {
  readonly job: number;
  readonly claims: readonly SpendClaims[];
  /** Greater rounds go first: what they bring is what is being voted on. */
  readonly round: number;
  /** Goes before every block that is not urgent. */
  readonly isUrgent: boolean;
  /** Its signatures are looked at before the rest. */
  readonly isDoubted: boolean;
}

/** A rule that the block breaks, undefined if it keeps all; or nobody waits for it any more. */
export type BlockAnswer =
  { readonly isWithdrawn: false; readonly rule: RuleNumber | undefined } | { readonly isWithdrawn: true };

interface WaitingBlock {
  readonly block: BlockClaims;
  readonly resolve: (answer: BlockAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** What waits for the thread, and the verdicts it has so far. */
interface WaitingTransaction {
  readonly claims: readonly SpendClaims[];
  readonly verdicts: (RuleNumber | undefined)[];
  readonly resolve: (verdicts: Verdicts) => void;
  readonly reject: (error: Error) => void;
}

/** What the thread has of transactions: whose next claims, and how many of each. */
interface Batch {
  readonly parts: readonly { readonly waiting: WaitingTransaction; readonly count: number }[];
}

/**
 * What a block or a transaction claims is verified on a thread of its own, so that votes do not wait for it (TX-3, TX-4,
 * TX-5, RG-6). Promises reject only if the thread dies.
 */
export interface ProofPool {
  /** One verdict per claim, in order. */
  verify(claims: readonly SpendClaims[]): Promise<Verdicts>;
  /**
   * Goes before all transactions: wrong proofs cost their sender nothing and us four times as much, and a round does not
   * wait. What the thread has begun is ended first: at most a batch and the search for what is wrong in it.
   */
  judge(block: BlockClaims): Promise<BlockAnswer>;
  /** A block that waits becomes urgent; of no effect on any other. */
  hurry(job: number): void;
  /** Its answer comes at once, and the thread does no work for it that has not begun. */
  withdraw(job: number): void;
  close(): Promise<void>;
}

const WORKER = new URL("./proof-worker.ts", import.meta.url);

/** Starts the thread. One is enough while a node shares two cores with its neighbours. */
export function openProofPool(
  kernels: KernelsForThread,
  openWorker: (kernels: KernelsForThread) => Worker = (workerData) => new Worker(WORKER, { workerData }),
): ProofPool {
  const worker = openWorker(kernels);
  const transactions: WaitingTransaction[] = [];
  let blocks: readonly WaitingBlock[] = [];
  let running: WaitingBlock | Batch | undefined;
  let lost: Error | undefined;

  const fail = (error: Error): void => {
    lost = error;
    for (const waiting of [...blocks, ...transactions]) waiting.reject(error);
    running = undefined;
    blocks = [];
    transactions.length = 0;
  };
  /** Gives the thread the next claims, if it has nothing to do. */
  const go = (): void => {
    if (running !== undefined) return;
    const block = nextOf(blocks);
    if (block !== undefined) {
      running = block;
      const { claims, isDoubted } = block.block;
      worker.postMessage({ purpose: "block", claims, isDoubted } satisfies ProofJob);
    } else if (transactions.length > 0) {
      running = nextBatch(transactions);
      const claims = running.parts.flatMap(({ waiting, count }) => {
        return waiting.claims.slice(waiting.verdicts.length, waiting.verdicts.length + count);
      });
      worker.postMessage({ purpose: "transaction", claims } satisfies ProofJob);
    }
  };
  const forget = (waiting: WaitingBlock, answer: BlockAnswer): void => {
    blocks = blocks.filter((each) => each !== waiting);
    waiting.resolve(answer);
  };
  const takeVerdicts = ({ parts }: Batch, verdicts: Verdicts): void => {
    let from = 0;
    for (const { waiting, count } of parts) {
      waiting.verdicts.push(...verdicts.slice(from, from + count));
      from += count;
      if (waiting.verdicts.length < waiting.claims.length) continue;
      transactions.splice(transactions.indexOf(waiting), 1);
      waiting.resolve(waiting.verdicts);
    }
  };
  worker.on("message", ({ verdicts }: ProofAnswer) => {
    const ended = running;
    running = undefined;
    if (ended === undefined) return;
    if ("block" in ended) forget(ended, { isWithdrawn: false, rule: verdicts[0] });
    else takeVerdicts(ended, verdicts);
    go();
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the proof thread has ended")));

  return {
    verify(claims) {
      if (lost !== undefined) return Promise.reject(lost);
      return new Promise((resolve, reject) => {
        transactions.push({ claims, verdicts: [], resolve, reject });
        go();
      });
    },
    judge(block) {
      if (lost !== undefined) return Promise.reject(lost);
      return new Promise((resolve, reject) => {
        blocks = [...blocks, { block, resolve, reject }];
        go();
      });
    },
    hurry(job) {
      blocks = blocks.map((each) =>
        each.block.job === job && each !== running ? { ...each, block: { ...each.block, isUrgent: true } } : each,
      );
    },
    withdraw(job) {
      const waiting = blocks.find(({ block }) => block.job === job);
      if (waiting !== undefined) forget(waiting, { isWithdrawn: true });
    },
    async close() {
      await worker.terminate();
    },
  };
}

/** Urgent ones first, then those of the greatest round, then as they came. */
function nextOf(blocks: readonly WaitingBlock[]): WaitingBlock | undefined {
  const [next] = blocks.toSorted(
    ({ block: left }, { block: right }) =>
      Number(right.isUrgent) - Number(left.isUrgent) || (left.isUrgent ? 0 : right.round - left.round),
  );
  return next;
}

/**
 * The oldest first, as many as fit, one at least; the last transaction may have more claims than there is room for. What
 * does not fit waits, and so does all behind it: nobody is overtaken for ever.
 */
function nextBatch(transactions: readonly WaitingTransaction[]): Batch {
  const parts: { readonly waiting: WaitingTransaction; readonly count: number }[] = [];
  let values = 0;
  for (const waiting of transactions) {
    const left = waiting.claims.slice(waiting.verdicts.length);
    let count = 0;
    while (count < left.length) {
      const more = valuesOf(left[count]!);
      if (values > 0 && values + more > TRANSACTION_VALUES_MAX) break;
      values += more;
      count++;
    }
    if (count > 0 || left.length === 0) parts.push({ waiting, count });
    if (count < left.length || values >= TRANSACTION_VALUES_MAX) break;
  }
  return { parts };
}

/** What verifying a claim costs, in values of 64 bits: a packet has up to 64, and all that is no range counts as one. */
function valuesOf({ rangeProofs }: SpendClaims): number {
  return Math.max(
    1,
    rangeProofs.reduce((sum, { commitments }) => sum + commitments.length, 0),
  );
}
