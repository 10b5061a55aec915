import { expect, test } from "vitest";
import { toRuntimeLine } from "./runtime-line.ts";

test.each([
  [
    "workerd/server/server.c++:4203: error: Uncaught exception: kj/async-io.c++:1: failed",
    "The runtime says: Uncaught exception: kj/async-io.c++:1: failed",
  ],
  [
    "kj/compat/http.c++:6210: warning: connection reset; fd = 12",
    "The runtime says: connection reset; fd = 12",
  ],
  ["workerd/io/worker.c++:2170: info: Inspector client attaching [file:///a]", undefined],
  ["kj/timer.c++:9: debug: tick", undefined],
  ["stack: /opt/bin/workerd@2c4f1 /opt/bin/workerd@2c500", undefined],
  ["stack: 55d0c1 55d0c2", undefined],
  ["/opt/bin/workerd@2c4f1", undefined],
  [
    "workerd/api/http.c++:1: error: blocked by restrictPeers(); addr = 10.0.0.1",
    expect.stringContaining("private address"),
  ],
  [
    "kj/async-io-unix.c++:1: failed: DNS lookup failed.; params.host = nowhere.example; x",
    "A Worker asked for nowhere.example, a name that does not resolve.",
  ],
])("what workerd says itself is put into words: %s", (line, told) => {
  expect(toRuntimeLine(line)).toEqual(told);
});

test.each([
  '{"event":"request","method":"GET"}',
  "TypeError: my.c++ is not a module",
  "    at Object.fetch (file:///worker.js:1:20)",
  "stack: one of plates",
  "",
])("what a Worker prints is left as it is: %s", (line) => {
  expect(toRuntimeLine(line)).toBe(line);
});
