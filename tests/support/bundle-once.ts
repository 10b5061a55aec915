import { type Bundle, bundleWorker } from "../../infra/bundle.ts";

let made: Promise<Bundle> | undefined;

/** The Worker of this checkout, bundled once for all tests of a process: they change its settings, not its code. */
export function bundleOnce(): Promise<Bundle> {
  made ??= bundleWorker();
  return made;
}
