import { timeMs } from "../values/height.ts";
import type { FetchRun } from "./light-client-fetch-state.ts";
import type { PoolRun } from "./light-client-pool-state.ts";
import type { RestoreRun } from "./light-client-restore-state.ts";
import { update, type DataSource, type Draft, type LightClientState, type NodeState } from "./light-client-state.ts";
import type { TrustRun } from "./light-client-trust-state.ts";

/** A clock that goes back by more has been set: whoever trims one does it in smaller steps. */
export const CLOCK_BACK_MS = 1_000;

/**
 * Before every event. What is due at a time by the device's clock would wait for that time to come again if the clock
 * is set back, as LC-6 asks people to; so these times go back along with it.
 */
export function followClock(draft: Draft): void {
  const { clockMs } = draft.state;
  const backMs = clockMs - draft.nowMs;
  if (backMs > CLOCK_BACK_MS) draft.state = setBack(draft.state, backMs);
  if (draft.nowMs > draft.state.clockMs) update(draft, { clockMs: draft.nowMs });
}

/**
 * All that the machine has from the device's clock. Times of blocks are the chain's and stay, and so does what is
 * stored: it says when something was, and nothing waits for it.
 */
function setBack(state: LightClientState, backMs: number): LightClientState {
  const back = (atMs: number): number => atMs - backMs;
  const backIfAny = (atMs: number | undefined): number | undefined => (atMs === undefined ? undefined : back(atMs));
  return {
    ...state,
    clockMs: back(state.clockMs),
    fetchAtMs: backIfAny(state.fetchAtMs),
    timerAtMs: backIfAny(state.timerAtMs),
    nodes: state.nodes.map((node) => setNodeBack(node, back)),
    data: state.data && setDataBack(state.data, back),
    sourcelessMs: backIfAny(state.sourcelessMs),
    sending: mapValues(state.sending, (each) => ({ ...each, nextAtMs: back(each.nextAtMs) })),
    fetch: setFetchBack(state.fetch, back),
    restore: setRestoreBack(state.restore, back),
    pool: setPoolBack(state.pool, back),
    trust: setTrustBack(state.trust, back),
  };
}

type Back = (atMs: number) => number;

function mapValues<Key, Value>(map: ReadonlyMap<Key, Value>, change: (value: Value) => Value): ReadonlyMap<Key, Value> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

function setNodeBack(node: NodeState, back: Back): NodeState {
  const { connectedMs, askedMs, peersAskedMs, retryAtMs } = node;
  return {
    ...node,
    connectedMs: back(connectedMs),
    askedMs: back(askedMs),
    peersAskedMs: back(peersAskedMs),
    retryAtMs: back(retryAtMs),
  };
}

function setDataBack(data: DataSource, back: Back): DataSource {
  return { ...data, heardMs: back(data.heardMs) };
}

function withDeadline<Asked extends { readonly deadlineMs: number }>(asked: Asked, back: Back): Asked {
  return { ...asked, deadlineMs: back(asked.deadlineMs) };
}

function setFetchBack({ request, pauses }: FetchRun, back: Back): FetchRun {
  return { request: request && withDeadline(request, back), pauses: mapValues(pauses, back) };
}

function setRestoreBack(restore: RestoreRun, back: Back): RestoreRun {
  const requests = restore.requests.map((each) => withDeadline(each, back));
  const pauses = mapValues(restore.pauses, (pause) => ({ ...pause, untilMs: back(pause.untilMs) }));
  const { shown } = restore;
  return { ...restore, requests, pauses, shown: shown && { ...shown, atMs: back(shown.atMs) } };
}

function setPoolBack(pool: PoolRun, back: Back): PoolRun {
  const { source } = pool;
  const finds = mapValues(pool.finds, (find) => ({
    ...find,
    seenMs: timeMs(Math.max(0, back(find.seenMs))),
    untilMs: find.untilMs === undefined ? undefined : back(find.untilMs),
  }));
  return {
    ...pool,
    source: source && { ...source, openedMs: back(source.openedMs) },
    retryAtMs: back(pool.retryAtMs),
    finds,
  };
}

function setTrustBack(trust: TrustRun, back: Back): TrustRun {
  const { questions, compareAtMs, check, climb, entered, clock } = trust;
  return {
    ...trust,
    questions: questions.map((each) => withDeadline(each, back)),
    compareAtMs: back(compareAtMs),
    check: check && withDeadline(check, back),
    climb: climb && { ...climb, waitUntilMs: back(climb.waitUntilMs) },
    entered: entered && withDeadline(entered, back),
    clock: { ...clock, askedMs: mapValues(clock.askedMs, back) },
  };
}
