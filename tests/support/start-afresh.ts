import { beforeAll, vi } from "vitest";

/** For projects whose files share a process: none begins with what another has put in place of something. */
beforeAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});
