import { join } from "node:path";
import { compileCache } from "./compile-cache.ts";

/**
 * An environment for programs that like to open a browser: they find none, and leave the person's
 * home alone. mcp-remote and the Inspector start `open` (macOS) or the `xdg-open` script of the
 * npm package `open`, and mcp-remote then tries `/usr/bin/xdg-open`, `gio`, `x-www-browser` and
 * `sensible-browser`. All of them are looked up on PATH, or are scripts that look there for a
 * browser and need DISPLAY or BROWSER. PATH names no folder here, and the rest is not handed on.
 * Windows is not covered: there PowerShell is found by its absolute path.
 * @param home folder for everything the program writes.
 */
export function environmentWithoutBrowser(home: string): Record<string, string> {
  return {
    HOME: home,
    PATH: join(home, "no-programs"),
    // These programs are large, and start anew in each test.
    NODE_COMPILE_CACHE: compileCache,
  };
}
