import { UserError } from "../../errors.ts";
import type { OtherWorker, Shared } from "./find-sharers.ts";

/**
 * One thing has one owner: two stacks that both count on it would undo each other's work, and people of
 * two servers in one OAuth store are each other's to see and to sign out.
 * @param allowed Workers that the person named, which may go on using what the stack takes.
 * @throws UserError that names the others, and the ways out.
 */
export function refuseShared(shared: readonly Shared[], allowed: readonly string[]): void {
  const refused = shared.flatMap((each) => {
    const workers = each.workers.filter((name) => !allowed.includes(name));
    return workers.length > 0 || each.stacks.length > 0 ? [{ ...each, workers }] : [];
  });
  if (refused.length === 0) return;
  throw new UserError(refused.map(describeRefused).join("\n"));
}

function describeRefused(shared: Shared): string {
  const { kind, name, binding, isStore, workers, stacks } = shared;
  const bound = binding === undefined ? "" : `, bound as ${binding},`;
  const option = isStore ? "--kv-binding" : binding === undefined ? "--worker" : "--drop";
  const head = `${option}: the ${kind} "${name}"${bound} is used by ${describeUsers(shared)} as well, and under a stack it has one owner.`;
  if (stacks.length > 0) {
    return `${head} Both stacks would change and delete it. Take it out of the state of ${stacks.map((stack) => `"${stack}"`).join(" and ")} first (\`npx pulumi state delete\`, or \`npm run mcp -- adopt --undo\` where that stack has only adopted it)${isStore ? ", or name another binding; --kv-binding none makes a new, empty one" : ""}.`;
  }
  const consent = workers.map((worker) => `--shared-with ${worker}`).join(" ");
  if (isStore) {
    return `${head} \`admin\` of this stack would show and sign out their people, and theirs this one's. Give the other a namespace of its own (\`npx wrangler kv namespace create\`, its id in that Worker's wrangler file, \`npx wrangler deploy\`), or delete it if nobody needs it; or take --kv-binding none, which makes a new, empty one for this stack, where everybody signs in once more. If it signs in nobody and only reads: ${consent}.`;
  }
  return `${head} What one writes, the other reads. Leave it out with --drop ${binding}, give the other its own; or, if both are to use it, ${consent}.`;
}

/** Who else uses it, by name. */
export function describeUsers({ workers, stacks }: Shared): string {
  const list = (kind: string, names: readonly string[]) =>
    names.map((name) => `the ${kind} "${name}"`);
  return [...list("Worker", workers), ...list("stack", stacks)].join(", ");
}

/** Other Workers that call this one or its objects, which answer otherwise after the next `up`. */
export function describeCallers(worker: string, others: readonly OtherWorker[]): string[] {
  return others.flatMap(({ name, bindings }) =>
    bindings.flatMap((binding) => {
      if (binding.type === "service" && binding.service === worker) {
        return [`the Worker "${name}" calls it, by its binding ${binding.name}`];
      }
      if (binding.type !== "durable_object_namespace" || binding.script_name !== worker) return [];
      return [
        `the Worker "${name}" uses its Durable Objects of the class ${binding.class_name}, by its binding ${binding.name}: after the next \`up\` they answer 410`,
      ];
    }),
  );
}
