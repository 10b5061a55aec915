import type { DeployedBinding } from "../../../infra/deployed-worker.ts";
import type { DeclaredBinding, DeclaredStack } from "../stack/declared.ts";
import { compareBindings } from "./compare-bindings.ts";
import type { Decided, Difference } from "./difference.ts";
import type { LiveWorker } from "./live.ts";

const uploadsAgain = "`--repair` uploads the Worker as the stack says.";

/** Where the deployed Worker differs from the stack. */
export function compareWorker(
  declared: DeclaredStack,
  live: LiveWorker,
  decided: Decided,
): Difference[] {
  const { worker } = declared;
  if (worker === undefined) return [];
  const { settings } = live;
  // What the state does not show is compared with nothing.
  const upload = (what: string, expected: unknown, found: unknown): Difference[] =>
    expected === undefined
      ? []
      : compareTexts(what, show(expected), show(found), uploadsAgain, "upload");
  const { observability } = worker;
  const tails = (all: readonly { readonly service: string }[] | null | undefined) =>
    (all ?? []).map(({ service }) => service).toSorted();
  return [
    ...compareCode(declared, live),
    ...(worker.bindings === undefined
      ? []
      : compareBindings(worker.bindings, listComparable(declared, settings.bindings))),
    ...upload("compatibility date", worker.compatibilityDate, settings.compatibility_date),
    ...upload(
      "compatibility flags",
      worker.compatibilityFlags?.toSorted(),
      settings.compatibility_flags.toSorted(),
    ),
    ...upload("observability", observability?.enabled, settings.observability?.enabled ?? false),
    ...upload(
      "sampling of observability",
      observability && (observability.headSamplingRate ?? 1),
      settings.observability?.head_sampling_rate ?? 1,
    ),
    // Cloudflare writes them by default, with whole URLs, and some of those contain codes.
    ...upload(
      "invocation logs",
      observability && (observability.logs?.invocationLogs ?? true),
      settings.observability?.logs?.invocation_logs ?? true,
    ),
    ...upload(
      "tail consumers",
      worker.tailConsumers && tails(worker.tailConsumers),
      tails(settings.tail_consumers),
    ),
    ...upload("logpush", worker.logpush, settings.logpush ?? false),
    ...compareObjects(declared, live, decided),
    ...compareSubdomain(declared, live),
    ...compareShown(
      "cron triggers",
      declared.crons && show(declared.crons.toSorted()),
      show(live.crons.toSorted()),
      "Pulumi does not look at them; `--repair` restores them.",
      "call",
    ),
  ];
}

/** An import brings no secrets: of one that `adopt` found, the state knows nothing until an `up`. */
function listComparable(
  { isDeployed, worker }: DeclaredStack,
  bindings: readonly DeployedBinding[],
): readonly DeployedBinding[] {
  if (isDeployed) return bindings;
  const known = new Set(worker?.bindings?.map(({ name }) => name));
  return bindings.filter(({ name, type }) => known.has(name) || !/^secret_/.test(type));
}

function compareCode({ worker, isDeployed }: DeclaredStack, live: LiveWorker): Difference[] {
  const { sha256, outsideVersion } = live;
  // An import brings the hash as the file of an upload has it, or none.
  if (!isDeployed) return [];
  const expected = worker?.contentSha256;
  const code =
    expected === undefined
      ? []
      : compareTexts(
          "code",
          `SHA-256 ${expected.slice(0, 12)}…`,
          `SHA-256 ${sha256.slice(0, 12)}…`,
          `${uploadsAgain} \`npx wrangler versions list\` says who uploaded it.`,
          "upload",
        );
  if (outsideVersion === undefined) return code;
  return [
    ...code,
    {
      what: "version that serves",
      expected: "one of this stack's",
      found: `${outsideVersion}, made by somebody else`,
      remedy: `A changed secret shows as nothing but this. ${uploadsAgain}`,
      mend: "upload",
    },
  ];
}

/** Classes and their tag. An upload cannot undo a lifecycle step, and `up` refuses to try. */
function compareObjects(
  declared: DeclaredStack,
  live: LiveWorker,
  { stubs }: Decided,
): Difference[] {
  const { worker, migrationTag } = declared;
  return [
    // The bindings name the classes: if the state hides them, that is told as not checked.
    ...(worker?.bindings === undefined
      ? []
      : compareClasses([...listClasses(worker.bindings), ...stubs], live.classes)),
    ...compareShown(
      "Durable Object tag",
      migrationTag,
      live.migrationTag ?? "none",
      "Somebody deployed from other code, or an answer was lost. `npx pulumi up` continues from a tag that the history knows, and refuses any other.",
      "upload",
    ),
  ];
}

/** Classes of this Worker that bindings name. */
function listClasses(bindings: readonly DeclaredBinding[]): string[] {
  return bindings.flatMap(({ type, className, scriptName }) =>
    // A member that a state has as null is one that is not there.
    type === "durable_object_namespace" && (scriptName ?? undefined) === undefined
      ? [String(className)]
      : [],
  );
}

function compareClasses(names: readonly string[], found: readonly string[]): Difference[] {
  const expected = [...new Set(names)];
  const byPerson = { mend: "person" } as const;
  return [
    ...expected
      .filter((name) => !found.includes(name))
      .map((name) => ({
        what: `Durable Object class ${name}`,
        expected: "a class of the Worker",
        found: "missing, with everything its objects held",
        remedy:
          "Its data is gone. `npx pulumi up` makes the class again if the lifecycle history knows the Worker's tag, and says what to do if not (docs/deploy.md, 8).",
        ...byPerson,
      })),
    ...found
      .filter((name) => !expected.includes(name))
      .map((name) => ({
        what: `Durable Object class ${name}`,
        expected: "none",
        found: "a class of the Worker, added by somebody",
        remedy:
          "It may hold data, so nothing deletes it by itself. Enter it in worker/durable-objects.ts, with a deletion step if nobody needs it (docs/deploy.md, 8).",
        ...byPerson,
      })),
  ];
}

function compareSubdomain({ subdomain }: DeclaredStack, live: LiveWorker): Difference[] {
  if (subdomain === undefined) return [];
  const turn = (what: string, expected: boolean | undefined, found: boolean) =>
    compareShown(
      what,
      expected === undefined ? undefined : expected ? "on" : "off",
      found ? "on" : "off",
      "`--repair` turns it back.",
      "refresh",
    );
  return [
    ...turn("workers.dev address", subdomain.enabled, live.subdomain.enabled),
    ...turn("preview URLs", subdomain.previewsEnabled, live.subdomain.previewsEnabled),
  ];
}

/** As `compareTexts`; no difference from what the stack's state does not show. */
export function compareShown(
  what: string,
  expected: string | undefined,
  ...rest: [found: string, remedy: string, mend: Difference["mend"]]
): Difference[] {
  return expected === undefined ? [] : compareTexts(what, expected, ...rest);
}

/** A difference, if two texts are not the same. */
export function compareTexts(
  what: string,
  expected: string,
  found: string,
  remedy: string,
  mend: Difference["mend"],
): Difference[] {
  return expected === found ? [] : [{ what, expected, found, remedy, mend }];
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  return value === undefined ? "none" : String(value);
}
