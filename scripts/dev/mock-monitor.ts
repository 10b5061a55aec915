import * as pulumi from "@pulumi/pulumi";
import type { DeclaredResource } from "./declared-resource.ts";

/** Runs a hook of the program by its name, as the engine would. @throws the hook's own refusal */
export type CallHook = (
  name: string,
  inputs: { readonly oldInputs?: object; readonly newInputs: object },
) => Promise<void>;

/** Who answers for the engine when the program declares a resource. */
export interface Engine {
  /** Outputs that the last run of the stack left. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Registers a resource. @returns what it has beside its inputs. */
  register(
    resource: DeclaredResource,
    callHook: CallHook,
  ): Record<string, unknown> | Promise<Record<string, unknown>>;
}

/**
 * Lets `engine` answer each registration of Pulumi's mocks. The mocks themselves see neither
 * parents nor options, so the monitor's own calls are wrapped.
 * @returns every resource in order, what each has beside its inputs, and a promise that is rejected
 * when `engine` fails.
 */
export function attachEngine(engine: Engine) {
  const resources: DeclaredResource[] = [];
  /** By type and name: the mocks ask before there is a URN. */
  const additions = new Map<string, Record<string, unknown>>();
  const hooks = new Map<string, pulumi.ResourceHook>();
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  const callHook: CallHook = async (name, inputs) => {
    const hook = hooks.get(name);
    if (hook === undefined) throw new Error(`The program registered no hook "${name}".`);
    await hook.callback({ urn: "", id: "", name: "", type: "", ...inputs });
  };

  const callbacks = internals.getCallbacks();
  callbacks.registerResourceHook = async (hook) => {
    hooks.set(hook.name, hook);
  };
  // Nobody calls the SDK's own server here, and a short run ends while it is still starting.
  callbacks._target.catch(() => undefined);
  const { promise: failure, reject } = Promise.withResolvers<never>();
  // Whoever runs the program waits for it too; until then nobody may.
  failure.catch(() => undefined);

  monitor.registerResource = async (request, callback) => {
    const resource = describe(request);
    try {
      const addition = await engine.register(resource, callHook);
      additions.set(`${resource.type} ${resource.name}`, addition);
    } catch (error) {
      // The SDK would make an unhandled rejection of it, and the program would wait for ever.
      return reject(error);
    }
    register(request, (error, response) => {
      if (response !== undefined) resources.push({ ...resource, urn: response.getUrn() });
      callback(error, response);
    });
  };
  return { resources, additions, failure };
}

/** The part of the engine's gRPC client that is used here. */
interface Monitor {
  registerResource(
    request: RegisterRequest,
    callback: (error: unknown, response: { getUrn(): string } | undefined) => void,
  ): void;
}

/** Exported by the SDK, but left out of its types. */
const internals = pulumi.runtime as unknown as {
  getCallbacks(): {
    registerResourceHook(hook: pulumi.ResourceHook): Promise<void>;
    /** Address of the server for the engine's calls. */
    readonly _target: Promise<string>;
  };
};

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getReplacementTrigger(): { toJavaScript(): unknown } | undefined;
  getImportid(): string;
  getDependenciesList(): string[];
  getAliasesList(): { getSpec(): { getName(): string } | undefined }[];
  getHooks(): { getBeforeCreateList(): string[]; getBeforeUpdateList(): string[] } | undefined;
  getObject(): { toJavaScript(): unknown } | undefined;
}

function describe(request: RegisterRequest): DeclaredResource {
  const inputs = request.getObject()?.toJavaScript() ?? {};
  const hooks = request.getHooks();
  const type = request.getType();
  const name = request.getName();
  const options = {
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    ignoreChanges: request.getIgnorechangesList(),
    replacementTrigger: request.getReplacementTrigger()?.toJavaScript(),
    import: request.getImportid(),
    dependsOn: request.getDependenciesList(),
    aliases: request.getAliasesList().flatMap((alias) => alias.getSpec()?.getName() ?? []),
    beforeCreate: hooks?.getBeforeCreateList() ?? [],
    beforeUpdate: hooks?.getBeforeUpdateList() ?? [],
  };
  return {
    type,
    name,
    parent: request.getParent(),
    provider: request.getProvider(),
    urn: "",
    inputs: reveal(inputs) as Record<string, unknown>,
    options,
    clear: JSON.stringify({ type, name, options, inputs }, (_key, value: unknown) =>
      pulumi.runtime.isRpcSecret(value) ? secretMark : value,
    ),
  };
}

/** Replaces a secret value. */
const secretMark = "[secret]";

/** Whether a Stash keeps a secret: it is as secret as its input. */
export function hasSecretInput({ clear }: DeclaredResource): boolean {
  const { inputs } = JSON.parse(clear) as { inputs: { input?: unknown } };
  return inputs.input === secretMark;
}

/** Takes the secret marks off. */
function reveal(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) return reveal(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item)]));
}
