const SERVICE_WORKER_URL = "/service.worker.js";

/** Keeps the app on this device. undefined: private windows and plain http refuse it, and the app works all the same while online. */
export async function registerServiceWorker(
  container: Pick<ServiceWorkerContainer, "register"> | undefined,
): Promise<ServiceWorkerRegistration | undefined> {
  try {
    return await container?.register(SERVICE_WORKER_URL);
  } catch {
    return undefined;
  }
}
