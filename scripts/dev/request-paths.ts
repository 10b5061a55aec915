import { randomUUID } from "node:crypto";

/** Requests whose paths are kept: one that never comes to an end in the log is forgotten in the end. */
const mostKept = 1000;

/** Characters of a path that are shown. */
const longestPath = 200;

/**
 * The paths of requests by the id under which the Worker logs them. The Worker's own line has the route only,
 * since a log is kept and read by others; this terminal is the person's own. The query, which may hold a code,
 * is left out here as well.
 */
export class RequestPaths {
  readonly #paths = new Map<string, string>();

  /** Keeps the path of a request. @param target as it came, with a query perhaps. @returns an id for it. */
  note(target: string): string {
    const id = randomUUID();
    const [path = ""] = target.split("?");
    this.#paths.set(id, path.slice(0, longestPath));
    const [oldest] = this.#paths.keys();
    if (this.#paths.size > mostKept && oldest !== undefined) this.#paths.delete(oldest);
    return id;
  }

  /** The path of a request that has ended, and forgets it. */
  take(id: string): string | undefined {
    const path = this.#paths.get(id);
    this.#paths.delete(id);
    return path;
  }
}
