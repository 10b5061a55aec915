/**
 * Waits in a tool that takes its time, and no longer than the client does.
 *
 * @param milliseconds how long to wait
 * @param signal the call's own: `signal` of the tool's context
 * @throws the signal's reason, as soon as the client has cancelled
 */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = () => reject(signal.reason);
  signal.addEventListener("abort", cancel, { once: true });
  const timer = setTimeout(resolve, milliseconds);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
  }
}
