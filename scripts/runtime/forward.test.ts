import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from "node:net";
import { expect, test } from "vitest";
import { forward } from "./forward.ts";
import { Gate, type RuntimeEntry } from "./gate.ts";
import { listenOnLocalhost } from "./listen.ts";

/** A runtime whose port takes everything. */
function toEntry(server: Pick<Server, "address">): RuntimeEntry {
  return { port: (server.address() as AddressInfo).port, headersFor: () => ({}) };
}

test("a client that leaves while it waits is forwarded nowhere, and fails nothing", async () => {
  let asked = 0;
  const worker = createServer((_request, response) => {
    asked += 1;
    response.end();
  });
  using gate = new Gate();
  const { promise: received, resolve } = Promise.withResolvers<{
    readonly forwarded: Promise<void>;
  }>();
  const server = createServer((incoming, outgoing) => {
    resolve({ forwarded: forward(incoming, outgoing, gate) });
    incoming.socket.on("close", () => gate.open(toEntry(worker)));
  });
  await using _ended = {
    async [Symbol.asyncDispose]() {
      server.close();
      worker.close();
    },
  };
  worker.listen(0, "127.0.0.1");
  server.listen(0, "127.0.0.1");
  await Promise.all([once(worker, "listening"), once(server, "listening")]);
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const { forwarded } = await received;
  client.destroy();
  await forwarded;
  expect(asked).toBe(0);
});

test("an answer that comes before the body has ended is taken, though the connection is closed with it", async () => {
  const early = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 5\r\nconnection: close\r\n\r\nearly";
  const worker = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    // What is not read makes the system reset the connection.
    socket.once("readable", () => {
      socket.read(1);
      socket.write(early, () => socket.destroy());
    });
  }).listen(0, "127.0.0.1");
  await once(worker, "listening");
  using gate = new Gate();
  gate.open(toEntry(worker));
  await using listener = await listenOnLocalhost(
    0,
    (incoming, outgoing) => forward(incoming, outgoing, gate),
    () => "",
  );
  const seen: string[] = [];
  for (const kilobytes of [70, 300, 1_000, 8_000, 8_000, 8_000]) {
    const body = new Uint8Array(kilobytes * 1_000);
    const answer = await fetch(`http://127.0.0.1:${listener.port}/`, { method: "POST", body });
    seen.push(`${kilobytes} KB: ${answer.status} ${await answer.text()}`);
  }
  worker.close();
  expect(seen.filter((line) => !line.endsWith(": 401 early"))).toEqual([]);
});
