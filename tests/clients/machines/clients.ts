import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ClientCredentialsProvider,
  Client as ModernClient,
  PrivateKeyJwtProvider,
  StaticPrivateKeyJwtProvider,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import {
  ClientCredentialsProvider as FormerCredentialsProvider,
  PrivateKeyJwtProvider as FormerKeyProvider,
} from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import { Client as FormerClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as FormerTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { startMcpRemote } from "../../support/mcp-remote.ts";
import type { SigningKey } from "../../support/signing-key.ts";

/** What a client connects with. */
export interface Access {
  readonly origin: string;
  readonly secret: string;
  readonly key: SigningKey;
  /** Folder for what it keeps. */
  readonly folder: string;
}

/** A client as a test drives it. */
interface Connected {
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>;
  close(): Promise<void>;
}

/** One way of one program to connect as a machine client. */
export interface MachineProgram {
  readonly client: string;
  readonly way: string;
  /** Name of the machine client that it is. */
  readonly name: "keeps-a-secret" | "signs";
  readonly note: string;
  connect(access: Access): Promise<Connected>;
}

const info = { name: "nightly", version: "1.0.0" };

type ModernProvider = ConstructorParameters<typeof StreamableHTTPClientTransport>[1];

async function connectModern(
  origin: string,
  authProvider: NonNullable<ModernProvider>["authProvider"],
) {
  const client = new ModernClient(info);
  const url = new URL("/mcp", origin);
  await client.connect(
    new StreamableHTTPClientTransport(url, authProvider === undefined ? {} : { authProvider }),
  );
  return client;
}

async function connectFormer(
  origin: string,
  authProvider: FormerCredentialsProvider | FormerKeyProvider,
) {
  const client = new FormerClient(info);
  await client.connect(new FormerTransport(new URL("/mcp", origin), { authProvider }) as never);
  return client;
}

/** Every program that can be one and runs here. */
export const machinePrograms: readonly MachineProgram[] = [
  {
    client: "MCP SDK 2.x",
    way: "`client_secret_basic`",
    name: "keeps-a-secret",
    note: "`ClientCredentialsProvider`",
    connect: ({ origin, secret }) =>
      connectModern(
        origin,
        new ClientCredentialsProvider({
          clientId: "keeps-a-secret",
          clientSecret: secret,
          expectedIssuer: origin,
        }),
      ),
  },
  {
    client: "MCP SDK 2.x",
    way: "`private_key_jwt`",
    name: "signs",
    note: "`PrivateKeyJwtProvider`",
    connect: ({ origin, key }) =>
      connectModern(
        origin,
        new PrivateKeyJwtProvider({
          clientId: "signs",
          privateKey: { ...key.privateKey },
          algorithm: "RS256",
          expectedIssuer: origin,
        }),
      ),
  },
  {
    client: "MCP SDK 2.x",
    way: "`private_key_jwt`",
    name: "signs",
    note: "`StaticPrivateKeyJwtProvider`: one assertion, so one token",
    connect: ({ origin, key }) =>
      connectModern(
        origin,
        new StaticPrivateKeyJwtProvider({
          clientId: "signs",
          jwtBearerAssertion: key.assertClient("signs", origin),
          expectedIssuer: origin,
        }),
      ),
  },
  {
    client: "MCP SDK 1.x",
    way: "`client_secret_basic`",
    name: "keeps-a-secret",
    note: "`ClientCredentialsProvider`",
    connect: ({ origin, secret }) =>
      connectFormer(
        origin,
        new FormerCredentialsProvider({
          clientId: "keeps-a-secret",
          clientSecret: secret,
          expectedIssuer: origin,
        }),
      ),
  },
  {
    client: "MCP SDK 1.x",
    way: "`private_key_jwt`",
    name: "signs",
    note: "`PrivateKeyJwtProvider`",
    connect: ({ origin, key }) =>
      connectFormer(
        origin,
        new FormerKeyProvider({
          clientId: "signs",
          privateKey: { ...key.privateKey },
          algorithm: "RS256",
          expectedIssuer: origin,
        }),
      ),
  },
  {
    client: "mcp-remote",
    way: "a secret",
    name: "keeps-a-secret",
    note: "`--client-credentials`, the secret in a file of `--static-oauth-client-info`",
    async connect({ origin, secret, folder }) {
      const file = join(folder, "client.json");
      const credentials = { client_id: "keeps-a-secret", client_secret: secret };
      await writeFile(file, JSON.stringify(credentials), { mode: 0o600 });
      const options = ["--client-credentials", "--static-oauth-client-info", `@${file}`];
      const { client, connected } = startMcpRemote([`${origin}/mcp`, ...options], folder);
      await connected;
      return client as Connected;
    },
  },
];
