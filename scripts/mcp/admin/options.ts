import { parseArgs } from "node:util";
import { UserError } from "../../errors.ts";
import type { AdminServer } from "./open-server.ts";

/** What a person gave; undefined: not given. */
export interface AdminOptions {
  readonly stack: string | undefined;
  readonly client: string | undefined;
  readonly user: string | undefined;
  /** `<user id>:<grant id>`. */
  readonly grant: string | undefined;
  readonly yes: true | undefined;
  readonly json: true | undefined;
}

/** One command of `admin`. */
export interface Subcommand {
  readonly help: string;
  /** Options it takes beside `--stack`. */
  readonly takes: readonly (keyof AdminOptions)[];
  /** Looks at the options before anything is read. @throws UserError */
  check?(options: AdminOptions): void;
  run(server: AdminServer, options: AdminOptions): Promise<void>;
}

const known = {
  stack: { type: "string" },
  client: { type: "string" },
  user: { type: "string" },
  grant: { type: "string" },
  yes: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", default: false },
} as const;

/** @throws UserError for an option that does not exist, or more than one command. */
export function parseOptions(
  args: string[],
  help: string,
): { readonly name: string | undefined; readonly isHelp: boolean; readonly options: AdminOptions } {
  try {
    const { values, positionals } = parseArgs({
      args: joinIds(args),
      allowPositionals: true,
      options: known,
    });
    const [name, ...more] = positionals;
    if (more.length > 0) {
      throw new UserError(`One command at a time, and these are: ${positionals.join(", ")}.`);
    }
    if (name === undefined && !values.help) throw new UserError(`No command is given.\n\n${help}`);
    const { stack, client, user, grant } = values;
    refuseEmpty({ stack, client, user, grant });
    return {
      name,
      isHelp: values.help,
      options: {
        ...{ stack, client, user, grant },
        yes: values.yes || undefined,
        json: values.json || undefined,
      },
    };
  } catch (error) {
    if (error instanceof TypeError) throw new UserError(`${error.message}\n\n${help}`);
    throw error;
  }
}

/**
 * Writes an id that begins with a dash, as one in 64 does, in the form that is not taken for an option:
 * `--client=-x`. People copy ids as they are shown.
 */
function joinIds(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const option = joined.at(-1) ?? "";
    const isOption = Object.keys(known).some((name) => arg.split("=")[0] === `--${name}`);
    if (/^--(client|user|grant)$/.test(option) && arg.startsWith("-") && !isOption) {
      joined[joined.length - 1] = `${option}=${arg}`;
    } else {
      joined.push(arg);
    }
  }
  return joined;
}

/** An empty value is a shell variable that is not set: it must not mean "all". */
function refuseEmpty(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === "") throw new UserError(`--${name}: the value is empty. Give one.`);
  }
}

/** @throws UserError for a user id that would match keys of others. */
export function checkUser({ user }: AdminOptions): void {
  if (user === undefined || !user.includes(":")) return;
  throw new UserError(
    `--user: "${user}" is no user id. It is the part of a grant's name before the colon.`,
  );
}
