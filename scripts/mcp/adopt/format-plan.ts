import { toPlainLine } from "../../plain-text.ts";
import { count } from "../../terminal/format.ts";
import { diffFile } from "./adopted-settings.ts";
import { describeUsers } from "./find-sharers.ts";
import type { AdoptionPlan } from "./plan-adoption.ts";

export function formatAdoptionPlan(plan: AdoptionPlan, stack: string, fileBefore: string): string {
  const { live, imports, missing, differences, address } = plan;
  const diff = diffFile(stack, fileBefore, plan.file);
  const done = imports.length - missing.length;
  return [
    `The Worker "${live.name}" at ${plan.origin} comes under the stack ${stack}.`,
    section("Taken over as it is", [
      ...imports.map(({ kind, name, importId }) => `${kind} "${name}" (${importId})`),
      ...(done > 0 ? [`(${done} of them by an earlier run)`] : []),
    ]),
    section("Stays as it is, outside the stack", address.outside),
    section("Other Workers use it or call it", [...describeShared(plan), ...plan.callers]),
    `Settings, Pulumi.${stack}.yaml:\n${diff === "" ? "  no change" : indent(diff.trimEnd())}`,
    section(
      "What the next `up` changes",
      differences.map(({ text }) => text),
    ),
    section("Who has access", describeAccess(plan)),
    section("Before the next `up`", listTasks(plan, stack)),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .split("\n")
    .map(toPlainLine)
    .join("\n");
}

/** The plan for programs. No secret is in it. */
export function toPlanJson({
  live,
  origin,
  settings,
  imports,
  differences,
  grants,
  address,
  shared,
}: AdoptionPlan): object {
  return {
    worker: live.name,
    origin,
    settings,
    imports: imports.map(({ kind, name, importId }) => ({ kind, name, importId })),
    differences,
    outside: address.outside,
    shared,
    ...(grants !== undefined && { grants }),
  };
}

/** Lists what the person allowed to be shared. */
function describeShared({ shared }: AdoptionPlan): string[] {
  return shared.map((each) => `${each.kind} "${each.name}": ${describeUsers(each)} uses it, too`);
}

function describeAccess({ grants, bindings, settings, origin, identityMethod }: AdoptionPlan) {
  const lines = [`every token is bound to ${origin}`];
  if (grants === undefined || bindings.store === undefined) {
    lines.push("the Worker has no OAuth store: the stack makes an empty one");
  } else {
    const { clients, unbound, bound } = grants;
    lines.push(
      `${count(clients, "client")} stay registered, in the KV namespace "${bindings.store.title}"`,
      `${count(grants.grants, "grant")} stay in it. Whom each is for is encrypted, in the words of the program that made it. If those are not this server's, the client is answered 401 at its next call, and its person signs in once more`,
    );
    if (unbound > 0) {
      lines.push(
        `${unbound} of them name no resource (an older OAuth library): they count for ${origin}/${settings.legacyGrantResource}`,
      );
    }
    for (const [resource, number] of Object.entries(bound)) {
      const isOurs = [`${origin}/mcp`, `${origin}/sse`].includes(resource);
      lines.push(
        isOurs
          ? `${number} of them are for ${resource}`
          : `${number} of them are for ${resource}, which this server does not have: their people sign in once more`,
      );
    }
  }
  return [...lines, `people sign in with ${identityMethod}`];
}

function listTasks({ bindings, identityMethod, live }: AdoptionPlan, stack: string): string[] {
  const tasks = bindings.askable.map(
    ({ binding, setting }) =>
      `to use the secret ${binding}: npx pulumi config set --secret ${setting} -s ${stack} (its value cannot be read; until then the Worker has the old one)`,
  );
  if (identityMethod === "demo") {
    tasks.push(
      "identityMethod is demo, which signs in anybody: choose another one (docs/identity.md)",
    );
  }
  if (live.classes.length > 0) {
    tasks.push(
      `later, when nobody needs the objects of ${live.classes.join(", ")}: docs/adopt.md, "Delete the old objects"`,
    );
  }
  return tasks;
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `${title}:\n${lines.map((line) => `  - ${toPlainLine(line)}`).join("\n")}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
