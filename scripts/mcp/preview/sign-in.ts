import type { OutputMap } from "@pulumi/pulumi/automation/index.js";
import type { SignIn } from "../doctor/examination.ts";
import type { ProjectStack } from "../stack/stack.ts";

/** How doctor signs in at a preview: at the demo, with the preview's own password. */
export async function chooseSignIn(stack: ProjectStack, outputs: OutputMap): Promise<SignIn> {
  const generated: unknown = outputs.demoPassword?.value;
  if (typeof generated === "string") return { kind: "demo", password: generated };
  const values = await stack.config();
  const read = (name: string) => values[`${stack.project}:${name}`]?.value;
  const method = read("identityMethod");
  const password = read("demoPassword");
  if (method === "demo" && password) return { kind: "demo", password };
  const secret = read("probeSecret");
  if (secret) return { kind: "probe", secret };
  return {
    kind: "none",
    why: `The preview signs people in with "${method ?? "?"}", and has no probeSecret for doctor.`,
  };
}
