/** A piece of work that is started once, when those before it in its lane have ended. */
export type LaneTask<T> = () => Promise<T>;

/**
 * Runs lanes beside each other, the tasks of each lane one after another, and hands over every result in the order in
 * which the tasks are written down, as soon as those before it are there: what is printed reads as if nothing had run
 * side by side. A task that throws ends the others of its lane; its error is thrown once its turn has come.
 */
export async function runLanes<T>(
  lanes: readonly (readonly LaneTask<T>[])[],
  onResult: (result: T) => void,
): Promise<void> {
  const results = lanes.flatMap(startLane);
  // Whatever fails while an earlier result is still awaited must not end the process.
  for (const result of results) result.catch(() => undefined);
  for (const result of results) onResult(await result);
}

function startLane<T>(tasks: readonly LaneTask<T>[]): Promise<T>[] {
  const results: Promise<T>[] = [];
  for (const task of tasks) {
    const before = results.at(-1);
    results.push(before === undefined ? task() : before.then(task));
  }
  return results;
}
