import type { ClientDatabase } from "./open-database.ts";
import { storageError } from "./storage-error.ts";

/** One change of the database, asked for when its turn comes. */
export type Request = () => Promise<unknown>;
export type WriteTransaction = ReturnType<typeof openWrite>;

function openWrite(database: ClientDatabase) {
  return database.transaction(["meta", "records"], "readwrite", { durability: "strict" });
}

/** One durable transaction: what `plan` reads first, then the requests that it gives. It awaits only itself. */
export async function transact(
  database: ClientDatabase,
  plan: (transaction: WriteTransaction) => Promise<readonly Request[]>,
): Promise<void> {
  let transaction: WriteTransaction;
  try {
    transaction = openWrite(database);
  } catch (error) {
    throw storageError(error);
  }
  // Handled below; without this an early failure would also count as unhandled.
  transaction.done.catch(() => undefined);
  try {
    const requests = await plan(transaction);
    const pending: Promise<unknown>[] = [transaction.done];
    for (const request of requests) {
      const promise = request();
      promise.catch(() => undefined);
      pending.push(promise);
    }
    await Promise.all(pending);
  } catch (error) {
    abort(transaction);
    // Requests of an aborted transaction fail with AbortError; the transaction itself knows the reason.
    const reason: unknown = await transaction.done.then(
      () => error,
      (why: unknown) => why,
    );
    throw storageError(reason, storageError(error).code);
  }
}

function abort(transaction: WriteTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
