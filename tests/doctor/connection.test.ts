import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { connect, getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, onTestFinished, test, vi } from "vitest";
import { createExamination } from "../../scripts/mcp/doctor/examination.ts";
import { tls } from "../../scripts/mcp/doctor/public/connection.ts";
import { findFreePort } from "../../scripts/runtime/free-port.ts";
import { loadMiniflare } from "../../scripts/runtime/load-miniflare.ts";
import { examine, findTroubles } from "./examine.ts";

const signIn = { kind: "none", why: "It is not needed." } as const;

/** The line alone: the rest would need the certificate in fetch as well. */
function checkTls(url: URL) {
  return tls.run(createExamination({ url, signIn }));
}

/** A server with the certificate that miniflare has for localhost, which nobody has signed. */
async function serveSelfSigned(): Promise<URL> {
  const { Miniflare } = loadMiniflare();
  const server = new Miniflare({
    https: true,
    modules: true,
    script: "export default { fetch: () => new Response('Hello') }",
    port: 0,
    host: "127.0.0.1",
  });
  onTestFinished(() => server.dispose());
  const { port } = await server.ready;
  return new URL(`https://localhost:${port}`);
}

/** The certificate of a server, as PEM. */
async function readCertificate({ port, hostname }: URL): Promise<string> {
  const options = { host: hostname, port: Number(port), rejectUnauthorized: false };
  const socket = connect({ ...options, servername: hostname });
  await once(socket, "secureConnect");
  const certificate = socket.getPeerX509Certificate()?.toString() ?? "";
  socket.destroy();
  return certificate;
}

test("dns: a name that leads nowhere fails, and nothing else is asked", async () => {
  const lines = await examine("https://mcp.invalid/mcp");
  expect(findTroubles(lines)).toEqual({ dns: "failed" });
  expect(lines.get("dns")?.reason).toMatch(/resolves to no address|no name server answered/);
  expect(lines.get("tls")).toMatchObject({
    verdict: "not checked",
    reason: expect.stringContaining("dns failed"),
  });
});

test("tls: a certificate that nobody has signed fails, and is named as such", async () => {
  const url = await serveSelfSigned();
  const lines = await examine(url.href);
  expect(findTroubles(lines)).toEqual({ tls: "failed" });
  expect(lines.get("tls")?.reason).toContain("signed by nobody but itself");
});

test("tls: a certificate that is trusted is ok, and its days are counted", async () => {
  const url = await serveSelfSigned();
  const trusted = getCACertificates("default");
  setDefaultCACertificates([...trusted, await readCertificate(url)]);
  onTestFinished(() => setDefaultCACertificates(trusted));
  expect(await checkTls(url)).toMatchObject({
    verdict: "ok",
    reason: expect.stringMatching(/^TLSv1\.\d; the certificate is valid for \d+ more days/),
  });
});

test("tls: a certificate that ends soon is a warning", async () => {
  const url = await serveSelfSigned();
  const trusted = getCACertificates("default");
  const certificate = await readCertificate(url);
  setDefaultCACertificates([...trusted, certificate]);
  onTestFinished(() => setDefaultCACertificates(trusted));
  const end = Date.parse(new X509Certificate(certificate).validTo);
  vi.spyOn(Date, "now").mockReturnValue(end - 3 * 86_400_000);
  onTestFinished(() => void vi.restoreAllMocks());
  expect(await checkTls(url)).toMatchObject({
    verdict: "warning",
    reason: expect.stringContaining("3 more days"),
  });
});

test("tls: what does not speak TLS fails, and so does http to another machine", async () => {
  await using plain = await listen((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const spoken = await examine(`https://localhost:${plain.port}/mcp`);
  expect(findTroubles(spoken)).toEqual({ tls: "failed" });
  expect(spoken.get("tls")?.reason).toContain("does not speak TLS");
  expect(await checkTls(new URL("http://mcp.example.com"))).toMatchObject({
    verdict: "failed",
    reason: expect.stringContaining("not encrypted"),
  });
});

test("answers: a port where nothing listens, and one that cuts off, are told apart", async () => {
  const refused = await examine(`http://localhost:${await findFreePort()}/mcp`);
  expect(findTroubles(refused)).toEqual({ answers: "failed" });
  expect(refused.get("answers")?.reason).toContain("refused");
  await using rude = await listen((socket) => socket.destroy());
  const cut = await examine(`http://localhost:${rude.port}/mcp`);
  expect(findTroubles(cut)).toEqual({ answers: "failed" });
  expect(cut.get("answers")?.reason).toContain("cut off");
});

/** Listens where no server of HTTP is. */
async function listen(answer: (socket: Socket) => void) {
  const server = createServer((socket) => {
    // What is sent is of no interest, and unread it would keep the connection open.
    socket.resume().on("error", () => undefined);
    answer(socket);
  }).listen(0, "localhost");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port was given.");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}
