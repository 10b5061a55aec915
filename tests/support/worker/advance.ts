import { vi } from "vitest";

/** Moves the clock that `vi.useFakeTimers` has stopped. */
export function advance(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}
