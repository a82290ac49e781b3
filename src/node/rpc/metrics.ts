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
  const cpu = process.cpuUsage();
  const metrics: readonly Metric[] = [
    { name: "stegos_height", type: "gauge", help: "Height of the newest final block.", value: height },
    { name: "stegos_block_time_seconds", type: "gauge", help: "Time of the newest final block.", value: time / 1_000 },
    { name: "stegos_syncing", type: "gauge", help: "1 while catching up.", value: Number(isSyncing) },
    { name: "stegos_peers", type: "gauge", help: "Connected peers.", value: view.peers() },
    { name: "stegos_validators", type: "gauge", help: "Seats in the current set.", value: view.validators().length },
    { name: "stegos_mempool_transactions", type: "gauge", help: "Transactions waiting.", value: mempool.count },
    { name: "stegos_mempool_bytes", type: "gauge", help: "Bytes of those.", value: mempool.bytes },
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
