import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, test } from "vitest";
import { forward } from "./forward.ts";
import { Gate } from "./gate.ts";

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
    incoming.socket.on("close", () => gate.open((worker.address() as AddressInfo).port));
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
