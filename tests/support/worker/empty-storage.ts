import { reset } from "cloudflare:test";
import { beforeAll } from "vitest";

/** Files share one runtime: each begins with nothing stored. */
beforeAll(() => reset());
