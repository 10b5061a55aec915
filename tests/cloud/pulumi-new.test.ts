import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { projectRoot } from "../../infra/bundle.ts";
import { settingsSchema } from "../../infra/settings.ts";
import { parseUpstream, upstreamFile } from "../../scripts/ownership/upstream.ts";
import { listFiles } from "../docs/documents.ts";
import { EngineHome } from "../support/engine-home.ts";
import { project, writeFixtureProject } from "../support/fixture-project.ts";
import { runCli } from "../support/run-cli.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

/** What stands in a text is replaced by the project's name or description in what `pulumi new` makes. */
const placeholders = ["PROJECT", "DESCRIPTION"].map((name) => `\${${name}}`);

/** Files that a server of somebody's own has and the project has not, or has otherwise. */
const ofServer = /^(?:Pulumi\..+\.yaml|\.upstream\.json)$/;

/**
 * The project as somebody gets it from its address: its files under the tests' name, without history or packages.
 * @returns their paths.
 */
async function copyProject(folder: string): Promise<readonly string[]> {
  const files = (await listFiles()).filter((file) => !ofServer.test(file));
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(projectRoot, file), join(folder, file));
  }
  await writeFixtureProject(folder);
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...manifest, name: project }));
  const stacks = (await readdir(folder)).filter((file) => ofServer.test(file));
  return [...files, ...stacks];
}

test("`pulumi new` makes a whole copy under another name, and new:server finishes it", async ({
  skip,
}) => {
  await using home = await EngineHome.make(skip);
  await using source = await makeTempFolder();
  await using made = await makeTempFolder();
  const files = await copyProject(source.path);
  const { code, stdout, stderr } = await home.run(
    ["new", source.path, "--generate-only", "--name", "acme-orders", "--yes", "--non-interactive"],
    { cwd: made.path },
  );
  expect(code, stdout + stderr).toBe(0);
  // It says what comes next.
  expect(stdout).toContain("npm run new:server");

  for (const file of files) {
    const text = await readFile(join(made.path, file), "utf8");
    if (file !== "Pulumi.yaml")
      expect(text, file).toBe(await readFile(join(source.path, file), "utf8"));
    for (const placeholder of placeholders) expect(text, file).not.toContain(placeholder);
  }
  const settings = parse(await readFile(join(made.path, "Pulumi.yaml"), "utf8"));
  expect(settings).toMatchObject({ name: "acme-orders", main: "infra/index.ts" });
  expect(settings.template).toBeUndefined();
  expect(Object.keys(settings.config)).toEqual(
    expect.arrayContaining(Object.keys(settingsSchema.shape)),
  );

  await symlink(join(projectRoot, "node_modules"), join(made.path, "node_modules"));
  const script = join(made.path, "scripts/new-server.ts");
  const finished = await runCli(script, ["--yes"], home.environment, made.path);
  expect(finished.stderr).toBe("");
  expect(finished).toMatchObject({ code: 0 });
  const dev = await readFile(join(made.path, "Pulumi.dev.yaml"), "utf8");
  expect(dev).toContain("acme-orders:environment: development");
  expect(dev).toContain("acme-orders:serverTitle: Acme orders");
  // Where it came from, `pulumi new` has left in Pulumi.yaml.
  expect(parseUpstream(await readFile(join(made.path, upstreamFile), "utf8")).from).toBe(
    source.path,
  );
});
