import { vi } from "vitest";

// For projects whose files share a process: none begins with what another has put in place of something. Not in a
// hook, which would come after what a file puts there while it is loaded.
vi.restoreAllMocks();
vi.unstubAllGlobals();
vi.unstubAllEnvs();
vi.useRealTimers();
