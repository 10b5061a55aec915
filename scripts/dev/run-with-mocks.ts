import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { createEmptyAccount } from "../../infra/account.ts";
import { awaitOutput } from "../../infra/await-output.ts";
import { outputsInvoke } from "../../infra/last-outputs.ts";
import { type Outputs, type ProgramParts, program } from "../../infra/program.ts";
import { resourceType } from "../../infra/resource-types.ts";
import type { ProgramRequest, ProgramResult } from "./declared-resource.ts";
import { attachEngine, type Engine, hasSecretInput } from "./mock-monitor.ts";

export interface MockOptions {
  /** Parts of the program; by default the account is empty. */
  readonly parts?: Partial<ProgramParts>;
  /** Answers for Pulumi's engine. Default: one that remembers nothing but keys. */
  readonly engine?: Engine;
}

/** A run of the program, and what `pulumi stack output` would show of it. */
export interface MockResult extends Omit<ProgramResult, "entryPoint" | "ways"> {
  readonly outputs: pulumi.Unwrap<Outputs>;
}

/**
 * Runs the stack's program with Pulumi's mocks: no engine, no account, no API call. Every resource
 * it declares is collected with its values.
 */
export async function runWithMocks(
  request: ProgramRequest,
  { parts = {}, engine }: MockOptions = {},
): Promise<MockResult> {
  const { project, stack, values, secretKeys } = request;
  const keys: Record<string, string> = {};
  const answering = engine ?? keepKeys(request, keys);
  let additions: ReadonlyMap<string, Record<string, unknown>> = new Map();

  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const id = createHash("sha256").update(`${type}:${name}`).digest("hex").slice(0, 32);
        return { id, state: { ...inputs, ...additions.get(`${type} ${name}`) } };
      },
      call: ({ token, inputs }) => {
        if (token === outputsInvoke) return { ...inputs, outputs: answering.outputs };
        throw new Error(`The program asks the account (${token}), and the dev server has none.`);
      },
    },
    project,
    stack,
    false,
    "organization",
  );
  pulumi.runtime.setAllConfig(values, [...secretKeys]);
  const attached = attachEngine(answering);
  additions = attached.additions;
  const outputs = await Promise.race([
    declare({ createAccount: createEmptyAccount, ...parts }),
    attached.failure,
  ]);
  await pulumi.runtime.disconnect();
  return { resources: attached.resources, keys, outputs };
}

/** Runs the program and waits for everything it declares. */
async function declare(parts: Partial<ProgramParts>): Promise<MockResult["outputs"]> {
  return awaitOutput(pulumi.output(await program(parts)));
}

/** A Stash keeps its first value. Without a state that matters for keys only, its secret values. */
function keepKeys(request: ProgramRequest, keys: Record<string, string>): Engine {
  return {
    outputs: {},
    register(resource): Record<string, unknown> {
      const { type, name, inputs } = resource;
      if (type !== resourceType.stash) return {};
      if (!hasSecretInput(resource)) return { output: inputs.input };
      const key = request.keys[name] ?? String(inputs.input);
      keys[name] = key;
      return { output: pulumi.secret(key) };
    },
  };
}
