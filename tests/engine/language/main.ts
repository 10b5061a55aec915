/**
 * A stand-in for `pulumi-language-nodejs`, the plugin by which the engine runs Node.js programs and
 * policy packs. The real one is a Go program inside of Pulumi's releases. This one does what the
 * tests need of it, by the same protocol and with the same command lines; the engine says of
 * everything else that it is not implemented.
 *
 *   pulumi-language-nodejs [flags] <address of the engine>
 */
import { flushCompileCache } from "node:module";
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData } from "@grpc/grpc-js";
import type {
  GetRequiredPackagesResponse,
  RunPluginRequest,
  RunPluginResponse,
  RunRequest,
  RunResponse,
} from "@pulumi/pulumi/proto/language_pb.js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import { outliveEngine } from "../shared/outlive-engine.ts";
import { endChildren } from "./children.ts";
import { empty, grpc, LanguageRuntimeService, language, plugin } from "./proto.ts";
import { runPolicyPack } from "./run-policy-pack.ts";
import { runProgram } from "./run-program.ts";

const engineAddress = process.argv.at(-1) ?? "";

const server = new grpc.Server();
server.addService(LanguageRuntimeService, {
  getPluginInfo(_call: unknown, reply: sendUnaryData<PluginInfo>) {
    reply(null, new plugin.PluginInfo());
  },

  // The real one lists the providers in a node_modules below the program's own folder. A program in
  // infra/ has none there, so each provider is looked for when its first resource comes.
  getRequiredPackages(_call: unknown, reply: sendUnaryData<GetRequiredPackagesResponse>) {
    reply(null, new language.GetRequiredPackagesResponse());
  },

  run({ request }: ServerUnaryCall<RunRequest, RunResponse>, reply: sendUnaryData<RunResponse>) {
    runProgram(request, engineAddress).then(
      (response) => reply(null, response),
      (error: unknown) => reply(null, new language.RunResponse().setError(describe(error))),
    );
  },

  runPlugin(call: ServerWritableStream<RunPluginRequest, RunPluginResponse>) {
    const ended = new AbortController();
    call.on("cancelled", () => ended.abort());
    runPolicyPack(call.request, (part) => call.write(part), ended.signal).then(
      () => call.end(),
      (error: unknown) =>
        call.emit("error", { code: grpc.status.UNKNOWN, details: describe(error) }),
    );
  },

  cancel(_call: unknown, reply: sendUnaryData<InstanceType<typeof empty.Empty>>) {
    endChildren();
    reply(null, new empty.Empty());
  },
});

const port = await new Promise<number>((resolve, reject) => {
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
    error === null ? resolve(bound) : reject(error),
  );
});
// The engine reads it from the first line.
console.log(port);
// What was compiled is kept at a process's own end, and the engine kills this one.
flushCompileCache();

// The engine holds the other end. One that ends in order ends its plugins itself; after one that was
// killed, this process stays for a while, and the program with it.
process.stdin.resume().on("end", async () => {
  await outliveEngine(process.env.PULUMI_HOME);
  endChildren();
  process.exit();
});

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
