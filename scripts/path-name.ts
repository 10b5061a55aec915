import { UserError } from "./errors.ts";

/** One part of a path that every file system takes, that hides nothing and that no program takes for an option. */
const form = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Devices on Windows, which no file can be called, whatever its ending. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Why a name from outside cannot become the name of a file or folder; undefined if it can. Every such
 * name passes here before a path is made of it: `..` or an absolute path would lead elsewhere, and an
 * empty one or `.` to the folder of all the others. Pulumi's own rule for stacks, 100 characters of
 * letters, digits, `.`, `_` and `-`, takes `.` and `..` too.
 */
export function findNameFault(name: string): string | undefined {
  if (!form.test(name) || name.endsWith(".")) {
    return 'It becomes the name of a file: use letters, digits, ".", "_" and "-", at most 100, with a letter or a digit first and no "." at the end.';
  }
  if (device.test(name))
    return "It becomes the name of a file, and Windows allows none of this name.";
  return undefined;
}

/**
 * The name, if it can become the name of a file or folder.
 * @param field where the person gave it, as `--stack`.
 * @throws UserError if it cannot.
 */
export function checkPathName(field: string, name: string): string {
  const fault = findNameFault(name);
  if (fault === undefined) return name;
  throw new UserError(`${field}: ${JSON.stringify(name)} cannot be used as a name. ${fault}`);
}
