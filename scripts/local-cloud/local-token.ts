import { randomBytes, randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { toTokenFile } from "../../infra/local-token.ts";
import { hasCode, UserError } from "../errors.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { tokenForm } from "./authorization.ts";

/**
 * The token that opens the local cloud of a folder: made once, kept with its data and as long as the folder,
 * `--fresh` or not, since the state of a stack holds it, too. Another person of the machine cannot read it.
 * @throws UserError for a file that holds no token.
 */
export async function provideLocalToken(folder: string): Promise<string> {
  await makePrivateFolder(folder);
  const file = toTokenFile(folder);
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, `local-${randomBytes(32).toString("base64url")}`, { mode: 0o600 });
  try {
    // In one step, and only if there is none: `--env` may run beside a cloud that starts.
    await link(unfinished, file);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    await rm(unfinished);
  }
  const token = await readFile(file, "utf8");
  if (tokenForm.test(token)) return token;
  throw new UserError(`${file} holds no token. Remove it, and start again.`);
}

/** The account that the local cloud has when nobody names one. `Pulumi.local.yaml` names it too. */
export const localAccountId = "10ca110ca110ca110ca110ca110ca110";

export function toBaseUrl(port: number): string {
  return `http://127.0.0.1:${port}/client/v4`;
}

/** Environment variables for a client of the API: Pulumi and the SDKs read the first, wrangler the second. */
export function toEnvironment(
  port: number,
  token: string,
  accountId = localAccountId,
): Readonly<Record<string, string>> {
  return {
    CLOUDFLARE_BASE_URL: toBaseUrl(port),
    CLOUDFLARE_API_BASE_URL: toBaseUrl(port),
    CLOUDFLARE_API_TOKEN: token,
    CLOUDFLARE_ACCOUNT_ID: accountId,
    // wrangler would go online for them.
    WRANGLER_SEND_METRICS: "false",
  };
}
