import type { Workshop } from "./workshop.ts";

/**
 * Makes a stack and deploys it, as docs/deploy.md says: `pulumi stack init`, `config set`, `up`.
 * @param settings by name; a path, as `routes[0]`, sets an item.
 */
export async function deployStack(
  workshop: Workshop,
  name: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  await runPulumi(workshop, "stack", "init", name);
  for (const [setting, value] of Object.entries(settings)) {
    const path = setting.includes("[") ? ["--path"] : [];
    const secret = /Secret$/.test(setting) ? ["--secret"] : [];
    await runPulumi(workshop, "config", "set", "-s", name, ...path, ...secret, setting, value);
  }
  await runPulumi(workshop, "up", "-s", name, "--yes", "--skip-preview");
}

/** `npx pulumi …`, which must succeed. @returns what it printed. @throws Error where it fails. */
export async function runPulumi(workshop: Workshop, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await workshop.pulumi(...args);
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}
