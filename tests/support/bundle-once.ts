import { type Bundle, bundleWorker } from "../../infra/bundle.ts";
import { server } from "../fixture/infra.ts";

let made: Promise<Bundle> | undefined;

/** The Worker of the fixture, bundled once for all tests of a process: they change its settings, not its code. */
export function bundleOnce(): Promise<Bundle> {
  made ??= bundleWorker({ entryPoint: server.entryPoint });
  return made;
}
