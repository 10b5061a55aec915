import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { createEmptyAccount } from "../../infra/account.ts";
import { type ProgramParts, program } from "../../infra/program.ts";
import type { DeclaredResource, ProgramRequest, ProgramResult } from "./declared-resource.ts";

/**
 * Runs the stack's program with Pulumi's mocks: no engine, no account, no API call. Every resource
 * it declares is collected with its values.
 * @param createAccount what the program may ask of an account; by default there is none.
 */
export async function runWithMocks(
  request: ProgramRequest,
  createAccount: ProgramParts["createAccount"] = createEmptyAccount,
): Promise<ProgramResult> {
  const { project, stack, values, secretKeys } = request;
  const keys: Record<string, string> = { ...request.keys };
  const resources: DeclaredResource[] = [];

  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => create(type, name, inputs, keys),
      call: ({ token }) => {
        throw new Error(`The program asks the account (${token}), and the dev server has none.`);
      },
    },
    project,
    stack,
    false,
    "organization",
  );
  pulumi.runtime.setAllConfig(values, [...secretKeys]);
  collectResources(resources);
  await program({ createAccount });
  await pulumi.runtime.disconnect();
  return { resources, keys };
}

/** What the account would answer to a creation. */
function create(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  keys: Record<string, string>,
) {
  if (type === "pulumi:index:Stash") {
    return { id: name, state: { ...inputs, output: stash(name, inputs.input, keys) } };
  }
  const id = createHash("sha256").update(`${type}:${name}`).digest("hex").slice(0, 32);
  return { id, state: inputs };
}

/** A Stash keeps its first value. Here that matters for keys only, which are its secret values. */
function stash(name: string, input: unknown, keys: Record<string, string>): unknown {
  if (!pulumi.runtime.isRpcSecret(input)) return input;
  keys[name] ??= String(pulumi.runtime.unwrapRpcSecret(input));
  return pulumi.secret(keys[name]);
}

/** The mocks see neither parents nor what was replaced on the way, so the monitor is asked. */
function collectResources(resources: DeclaredResource[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response !== undefined) {
        const inputs = request.getObject()?.toJavaScript() ?? {};
        resources.push({
          type: request.getType(),
          name: request.getName(),
          parent: request.getParent(),
          provider: request.getProvider(),
          urn: response.getUrn(),
          inputs: reveal(inputs) as Record<string, unknown>,
          clear: JSON.stringify(inputs, (_key, value: unknown) =>
            pulumi.runtime.isRpcSecret(value) ? "[secret]" : value,
          ),
        });
      }
      callback(error, response);
    });
}

/** The part of the engine's gRPC client that is used here. */
interface Monitor {
  registerResource(
    request: {
      getType(): string;
      getName(): string;
      getParent(): string;
      getProvider(): string;
      getObject(): { toJavaScript(): unknown } | undefined;
    },
    callback: (error: unknown, response: { getUrn(): string } | undefined) => void,
  ): void;
}

/** Takes the secret marks off. */
function reveal(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) return reveal(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item)]));
}
