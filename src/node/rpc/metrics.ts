import type { NodeView } from "./node-view.ts";

interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly value: number;
}

/** Figures of a node in Prometheus text format. None of them is about a person. */
export function metricsText(view: NodeView): string {
  const { height, time, isSyncing } = view.status();
  const mempool = view.mempool();
  const finality = view.finality();
  const blobs = view.blobs();
  const cpu = process.cpuUsage();
  const metrics: readonly Metric[] = [
    { name: "stegos_height", type: "gauge", help: "Height of the newest final block.", value: height },
    { name: "stegos_block_time_seconds", type: "gauge", help: "Time of the newest final block.", value: time / 1_000 },
    { name: "stegos_syncing", type: "gauge", help: "1 while catching up.", value: Number(isSyncing) },
    { name: "stegos_peers", type: "gauge", help: "Connected peers.", value: view.peers() },
    { name: "stegos_validators", type: "gauge", help: "Seats in the current set.", value: view.validators().length },
    ...ownKeyMetrics(view),
    { name: "stegos_mempool_transactions", type: "gauge", help: "Transactions waiting.", value: mempool.count },
    { name: "stegos_mempool_bytes", type: "gauge", help: "Bytes of those.", value: mempool.bytes },
    { name: "stegos_blobs", type: "gauge", help: "Blobs kept for others.", value: blobs.count },
    { name: "stegos_blob_bytes", type: "gauge", help: "Room that those take.", value: blobs.bytes },
    {
      name: "stegos_final_transactions_total",
      type: "counter",
      help: "Transactions that were final after they had arrived here.",
      value: finality.count,
    },
    {
      name: "stegos_finality_median_seconds",
      type: "gauge",
      help: "From arrival here to final, median of the newest 256.",
      value: (finality.medianMs ?? 0) / 1_000,
    },
    {
      name: "stegos_finality_max_seconds",
      type: "gauge",
      help: "From arrival here to final, largest of the newest 256.",
      value: (finality.maxMs ?? 0) / 1_000,
    },
    {
      name: "process_resident_memory_bytes",
      type: "gauge",
      help: "Resident memory.",
      value: process.memoryUsage.rss(),
    },
    {
      name: "process_cpu_seconds_total",
      type: "counter",
      help: "CPU time used.",
      value: (cpu.user + cpu.system) / 1_000_000,
    },
  ];
  return metrics
    .map(({ name, type, help, value }) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`)
    .join("");
}

/** Of a validator alone: what somebody wants to be woken for. */
function ownKeyMetrics(view: NodeView): readonly Metric[] {
  const own = view.ownStanding();
  if (own === undefined) return [];
  const gauge = (name: string, help: string, is: boolean): Metric => ({ name, type: "gauge", help, value: Number(is) });
  return [
    gauge("stegos_validator_active", "1 while the key of this node has a seat.", own === "active"),
    gauge("stegos_validator_jailed", "1 while the key of this node is jailed.", own === "jailed"),
  ];
}
