import { readOwnership } from "../../scripts/ownership/ownership.ts";
import type { Repository } from "./repository.ts";
import { findNeighbours } from "./server-of-ada.ts";

/** How many commits upstream makes. */
export const commits = 30;

/**
 * Lets upstream work on for 30 commits: lines in many files of ours, files that come, go and move, packages, settings,
 * the sample and the README, and a release at the end. What it leaves still works.
 */
export async function workOn(upstream: Repository): Promise<void> {
  const ownership = readOwnership(upstream.path);
  const ours = [...(await upstream.list()).keys()].filter(
    (path) => ownership.isOurs(path) && /\.(?:tsx?|js|md|css|yml)$/.test(path),
  );
  // Nothing imports a test or needs a record of a decision, so those can go or move.
  const leaving = {
    test: ours.filter((path) => /^worker\/.*\.test\.tsx?$/.test(path)).at(-1) ?? "",
    record: ours.filter((path) => /^docs\/decisions\/(?!README)/.test(path)).at(-1) ?? "",
  };
  const staying = ours.filter((path) => !Object.values(leaving).includes(path));
  for (let number = 1; number < commits; number++) {
    const changed = Array.from(
      { length: 12 },
      (_, index) => staying[(number * 37 + index * 53) % staying.length] ?? "",
    );
    const texts = [...new Set(changed)].map(async (path) => {
      return [path, `${await upstream.read(path)}${writeRemark(path, number)}\n`] as const;
    });
    await upstream.commit(`Work on ${number}`, {
      ...Object.fromEntries(await Promise.all(texts)),
      ...(await makeSpecial(upstream, number, leaving)),
    });
  }
  await upstream.commit("Release 1.1.0", {
    "package.json": (await upstream.read("package.json")).replace(
      /"version": "[^"]+"/,
      '"version": "1.1.0"',
    ),
    "CHANGELOG.md": (await upstream.read("CHANGELOG.md")).replace(
      /^## /m,
      "## [1.1.0] - 2026-12-24\n\n### Security\n\n- A made-up hole is closed.\n\n### Added\n\n- A made-up view.\n\n## ",
    ),
  });
  await upstream.git("tag", "v1.1.0");
}

/** A line that means nothing in a file of this kind. */
function writeRemark(path: string, number: number): string {
  const text = `Upstream's line ${number}`;
  if (path.endsWith(".md")) return `<!-- ${text} -->`;
  if (path.endsWith(".css")) return `/* ${text} */`;
  return path.endsWith(".yml") ? `# ${text}` : `// ${text}`;
}

async function makeSpecial(
  upstream: Repository,
  number: number,
  { test, record }: { readonly test: string; readonly record: string },
): Promise<Readonly<Record<string, string | undefined>>> {
  const files = await upstream.list();
  switch (number) {
    case 3:
      return bump(upstream);
    case 7:
      return { [test]: undefined };
    case 9: {
      const moved = `docs/moved/${record.split("/").at(-1)}`;
      return { [record]: undefined, [moved]: await upstream.read(record) };
    }
    case 11:
      return { "infra/added.ts": "export const added = 1;\n", "docs/added.md": "# Added\n" };
    case 13:
      return addSetting(upstream);
    case 17: {
      const sample = [...files.keys()].filter((file) => file.startsWith("worker/tools/"));
      const texts = sample.map(async (file) => [file, `${await upstream.read(file)}// Better\n`]);
      return {
        ...Object.fromEntries(await Promise.all(texts)),
        "worker/tools/new-sample.ts": "export default 1;\n",
        "worker/scopes.ts": "export const scopes = { example: 1 };\n",
      };
    }
    case 19:
      return {
        "README.md": "# Better\n",
        "worker/pages/icon.svg": "<svg/>\n",
        "docs/home.png": "new",
      };
    case 23:
      return { "Pulumi.dev.yaml": `${await upstream.read("Pulumi.dev.yaml")}  # Better\n` };
    default:
      return {};
  }
}

async function bump(upstream: Repository) {
  const manifest = JSON.parse(await upstream.read("package.json"));
  for (const name of findNeighbours(manifest.dependencies)) manifest.dependencies[name] = "99.0.0";
  manifest.dependencies["zzz-new"] = "1.0.0";
  manifest.scripts["made-up"] = "node made-up.ts";
  delete manifest.scripts.sbom;
  const lock = JSON.parse(await upstream.read("package-lock.json"));
  lock.packages["node_modules/zzz-new"] = { version: "1.0.0" };
  const write = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;
  return { "package.json": write(manifest), "package-lock.json": write(lock) };
}

async function addSetting(upstream: Repository) {
  const text = await upstream.read("Pulumi.yaml");
  const schema = await upstream.read("infra/settings.ts");
  const everySetting = "scripts/dev/every-setting.test.ts";
  const tested = await upstream.read(everySetting);
  return {
    [everySetting]: tested.replace(/^const changes: .*\n/m, '$&  madeUp: "refuses only",\n'),
    "infra/settings.ts": schema.replace(
      /^export const settingsSchema = .*\n/m,
      '$&  madeUp: z.string().default("a"),\n',
    ),
    "Pulumi.yaml": text
      .replace(/^description: .*/m, "description: A better description")
      .replace(/^config:\n/m, "config:\n  madeUp:\n    type: string\n    default: a\n")
      .replace(/^ {2}customDomain:\n(?: {4}.*\n)+/m, ""),
  };
}
