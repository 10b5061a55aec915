import { expect, test } from "vitest";
import { findClientIdProblem } from "./client-id.ts";

const ownHost = "mcp.example.com";

const publicIds = [
  "https://claude.ai/oauth/claude-code-client-metadata",
  "https://chatgpt.com/oauth/x/client.json",
  "https://app.example.com:8443/client.json",
  "https://example.com./client.json",
  "https://xn--bcher-kva.example/client.json",
  "https://localhost.example.com/client.json",
  "https://internal.example.com/client.json",
  "https://1.2.3.4.example.com/client.json",
];

/** Ids that the server gives out, and what is no address that it would fetch. */
const otherIds = [
  "",
  "Zk3sDkfj29skd8Fj",
  "http://127.0.0.1/client.json",
  "ftp://localhost/x",
  "claude",
];

const byIp = [
  "127.0.0.1",
  "127.1",
  "0x7f.1",
  "0x7f000001",
  "0177.0.0.1",
  "2130706433",
  "127.0.0.1.",
  "127.0.0.1:443",
  "１２７.0.0.1",
  "127。0。0。1",
  "%31%32%37.0.0.1",
  "10.0.0.1",
  "169.254.169.254",
  "8.8.8.8",
  "0",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[fd00::1]",
  "[fe80::1]",
  "[2606:4700::1111]",
];

const byName = [
  "localhost",
  "LOCALHOST",
  "localhost.",
  "localhost..",
  "ｌocalhost",
  "a.localhost",
  "a.b.localhost.",
  "intranet",
  "metadata",
  "printer.local",
  "metadata.google.internal",
  "router.home.arpa",
  "1.0.0.127.in-addr.arpa",
  "app.test",
  "app.invalid",
  "app.onion",
  "app.alt",
  "app.lan",
  "app.corp",
  "app.home",
  "app.LocalDomain",
  ".local",
];

const path = "/client.json";

test.each(publicIds)("%s may be fetched", (id) => {
  expect(findClientIdProblem(id, ownHost)).toBeUndefined();
});

test.each(otherIds)("%j is not fetched at all, and is nobody's address", (id) => {
  expect(findClientIdProblem(id, ownHost)).toBeUndefined();
});

test.each(byIp)("https://%s is an IP address", (host) => {
  expect(findClientIdProblem(`https://${host}${path}`, ownHost)).toMatch(/by an IP address/);
});

test.each(byName)("https://%s is on a private host", (host) => {
  expect(findClientIdProblem(`https://${host}${path}`, ownHost)).toMatch(/private host|valid/);
});

test.each([
  ["https://user@example.com/client.json", /user name or password/],
  ["https://:secret@example.com/client.json", /user name or password/],
  ["https://example.com@127.0.0.1/client.json", /user name or password/],
  ["https://mcp.example.com/authorize?client_id=x", /on this server itself/],
  ["HTTPS://MCP.example.com./x", /on this server itself/],
  ["https:127.0.0.1/x", /IP address/],
  ["https:\\\\localhost\\x", /private host/],
  [" https://localhost/x", /private host/],
  ["https://[::1/x", /no valid address/],
  ["https://a b/x", /no valid address/],
])("%s is judged as the runtime reads it", (id, problem) => {
  const found = findClientIdProblem(id, ownHost);
  if (problem === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(problem);
});
