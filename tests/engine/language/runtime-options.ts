import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb.js";

/** What `runtime.options` of Pulumi.yaml may say. */
export interface RuntimeOptions {
  /** Variables by which the SDK knows whether and how to compile TypeScript. */
  readonly environment: Readonly<Record<string, string>>;
  /** Arguments for Node. */
  readonly nodeArgs: readonly string[];
}

/** @throws Error for a value of the wrong type. */
export function readRuntimeOptions(info: ProgramInfo): RuntimeOptions {
  const {
    typescript = true,
    tsconfig = "",
    nodeargs = "",
  } = info.getOptions()?.toJavaScript() ?? {};
  if (typeof typescript !== "boolean") throw new Error("typescript option must be a boolean");
  if (typeof tsconfig !== "string") throw new Error("tsconfig option must be a string");
  if (typeof nodeargs !== "string") throw new Error("nodeargs option must be a string");
  return {
    environment: {
      ...(typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
      ...(tsconfig !== "" && { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
    },
    // The real one knows a shell's quotes as well.
    nodeArgs: nodeargs.split(/\s+/).filter((arg) => arg !== ""),
  };
}
