import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { StoredOAuthClientInformation, StoredOAuthTokens } from "@modelcontextprotocol/client";
import * as z from "zod";
import { replaceFile } from "../../../infra/replace-file.ts";
import { hasCode, UserError } from "../../errors.ts";
import { makePrivateFolder } from "../../private-folder.ts";
import { inAppSettings, type Machine } from "../connect/machine.ts";

/** A sign-in as it is remembered: the client as the server registered it, and its tokens. */
export interface StoredSignIn {
  readonly client?: StoredOAuthClientInformation;
  readonly tokens?: StoredOAuthTokens;
  /** Port the browser came back to. A server that compares ports expects the same again. */
  readonly port?: number;
}

/** The file as it is written. What is more in it comes from the server, and is kept. */
const content = z.object({
  endpoint: z.string(),
  client: z.looseObject({ client_id: z.string() }).optional(),
  tokens: z.looseObject({ access_token: z.string(), token_type: z.string() }).optional(),
  port: z.int().optional(),
});

/** Where the sign-in of one endpoint is remembered: a file that only its owner reads. */
export class SignInFile {
  readonly path: string;
  readonly #folder: string;
  readonly #endpoint: string;

  /** @param endpoint URL of the endpoint the tokens are for. They go nowhere else. */
  constructor(machine: Machine, endpoint: URL) {
    this.#endpoint = endpoint.href;
    this.#folder = inAppSettings(machine, "remote-mcp-server", "sign-ins");
    // The host is for whoever looks into the folder, the digest tells endpoints of a host apart.
    const digest = createHash("sha256").update(this.#endpoint).digest("hex").slice(0, 16);
    const host = endpoint.host.replace(/[^a-z0-9.-]/gi, "_").slice(0, 100);
    this.path = join(this.#folder, `${host}-${digest}.json`);
  }

  /** Reads what is remembered; a file of another form counts as empty. @throws UserError if it cannot be read. */
  async read(): Promise<StoredSignIn> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if (hasCode(error, "ENOENT")) return {};
      throw this.#explain(error);
    }
    const parsed = content.safeParse(parse(text));
    if (!parsed.success || parsed.data.endpoint !== this.#endpoint) return {};
    const { client, tokens, port } = parsed.data;
    return {
      ...(client !== undefined && { client: client as StoredOAuthClientInformation }),
      ...(tokens !== undefined && { tokens: tokens as StoredOAuthTokens }),
      ...(port !== undefined && { port }),
    };
  }

  /** @throws UserError if it cannot be written. */
  async write(signIn: StoredSignIn): Promise<void> {
    const text = JSON.stringify({ endpoint: this.#endpoint, ...signIn }, null, 2);
    try {
      await makePrivateFolder(this.#folder);
      await replaceFile(this.path, `${text}\n`, { mode: 0o600 });
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Forgets the sign-in. The server keeps its grant until the person ends it at `/connections`. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof Error && "syscall" in error)) return error;
    return new UserError(`The sign-in is remembered in ${this.path}: ${error.message}.`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
