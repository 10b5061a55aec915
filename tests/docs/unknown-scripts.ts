import { type Document, listAllCommands, readProject } from "./documents.ts";

/** The npm scripts of this project. */
export const { scripts } = JSON.parse(await readProject("package.json")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** What the documents say of npm scripts that are not there. */
export function findUnknownScripts(documents: readonly Document[]): string[] {
  return documents
    .flatMap(listAllCommands)
    .flatMap(({ value, at }) =>
      [...value.matchAll(/\bnpm run (?:-s )?([\w:]+)/g)].flatMap(([, name = ""]) =>
        Object.hasOwn(scripts, name) ? [] : `${at}: package.json has no script "${name}"`,
      ),
    );
}
