/**
 * The process in which stand-ins for `pulumi-resource-cloudflare` live: the plugin by which the engine makes
 * Cloudflare's resources. The real one is a Go program in Pulumi's releases. This one makes the same calls of the
 * API, held against recorded traffic of the real one, and speaks only to an API on this machine.
 *
 * Loading it takes longer than most of what it is asked, so this process is started once for many tests. Each plugin
 * that an engine starts (install.ts) is one connection to it, with a provider and a port of its own, and ends with
 * that connection. The engine could attach to a running provider by itself (PULUMI_DEBUG_PROVIDERS), but then tells
 * neither the folder nor the variables that it would start one with.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { outliveEngine } from "../shared/outlive-engine.ts";
import { connectEngine } from "./engine.ts";
import { Provider } from "./provider.ts";
import { serve } from "./serve.ts";

const server = createServer((socket) => {
  const end = new AbortController();
  socket.once("close", () => end.abort());
  // It was ended in the middle of something, and its end follows.
  socket.on("error", () => {});
  let said = "";
  let isStarted = false;
  socket.setEncoding("utf8").on("data", (text) => {
    said += text;
    if (!isStarted && said.endsWith("\0\0")) {
      isStarted = true;
      start(socket, said, end.signal).catch(() => socket.destroy());
    } else if (isStarted) {
      // The one thing that it says later: the engine is gone.
      outliveEngine(readStart(said).environment.PULUMI_HOME, end.signal).then(
        () => socket.destroy(),
        () => {},
      );
    }
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

process.on("message", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());

/** Starts a provider, and says where. @param ended when its plugin does. */
async function start(socket: Socket, said: string, ended: AbortSignal): Promise<void> {
  const { folder, engineAddress, environment } = readStart(said);
  const provider = new Provider({ folder, ended });
  const port = await serve(provider, connectEngine(engineAddress, ended), { environment, ended });
  socket.write(`${port}\n`);
}

/** How the engine has started a plugin, as that tells it: each part ends with a zero. */
function readStart(said: string) {
  const [folder = "", engineAddress = "", ...variables] = said.split("\0");
  const entries = variables.map((variable): [string, string] => {
    const [name = ""] = variable.split("=", 1);
    return [name, variable.slice(name.length + 1)];
  });
  return { folder, engineAddress, environment: Object.fromEntries(entries) as NodeJS.ProcessEnv };
}
