import { test } from "vitest";
import { crowdSettings } from "../load/support/crowd.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import {
  OpenIdProvider,
  type OpenIdProviderOptions,
  providerClient,
} from "../support/openid-provider.ts";
import { PersonElsewhere } from "../support/person-elsewhere.ts";
import {
  type StackServer,
  type StackServerOptions,
  startStackServer,
} from "../support/stack-server.ts";

/** A stack whose people sign in at an OpenID provider. */
export interface OpenIdStack extends AsyncDisposable {
  readonly server: StackServer;
  readonly provider: OpenIdProvider;
  /** A person with browsers of their own, at the provider and here. */
  meet(login: string): PersonElsewhere;
  /** What the Worker has logged since the test began: all of it unless the stack is shared. */
  readonly lines: readonly string[];
  /** Begins a test of a shared stack: the provider is honest again, and what was asked and logged before is past. */
  begin(): void;
  /** A login of a person at a new client. @throws Error with the page where it ends otherwise. */
  logIn(login: string): ReturnType<OAuthApp["logIn"]>;
}

interface OpenIdStackOptions extends Pick<StackServerOptions, "change"> {
  /** Further settings of the stack, by name. Some name the provider: they are made of its issuer. */
  readonly settings?: Settings | ((issuer: string) => Settings);
}

type Settings = NonNullable<StackServerOptions["settings"]>;

/** Starts provider and stack, as docs/identity.md has a person set them up. */
export async function startOpenIdStack(
  options: OpenIdProviderOptions = {},
  { settings = {}, change }: OpenIdStackOptions = {},
): Promise<OpenIdStack> {
  await using starting = new AsyncDisposableStack();
  const provider = starting.use(await OpenIdProvider.start(options));
  const server = starting.use(
    await startStackServer({
      settings: {
        identityMethod: "oidc",
        oidcIssuer: provider.issuer,
        oidcClientId: providerClient.id,
        ...(typeof settings === "function" ? settings(provider.issuer) : settings),
      },
      secrets: { oidcClientSecret: providerClient.secret },
      outbound: provider.outbound,
      ...(change && { change }),
    }),
  );
  provider.register(server.origin);
  const meet = (login: string) => {
    const browser = provider.openBrowser();
    return new PersonElsewhere((url) => provider.signIn(browser, url, login));
  };
  let past = 0;
  const started = starting.move();
  return {
    server,
    provider,
    meet,
    get lines() {
      return server.requests.slice(past);
    },
    begin() {
      provider.tamper = (_path, response) => response;
      provider.asked.length = 0;
      past = server.requests.length;
    },
    async logIn(login) {
      return (await OAuthApp.register(server.origin)).logIn(meet(login));
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/**
 * A test with a stack that its file shares, in which many may sign in from one address. For what does not depend on
 * what the Worker remembers of the provider, its metadata and its keys.
 */
export function shareOpenIdStack(
  options: OpenIdProviderOptions = {},
  settings: Readonly<Record<string, string>> = {},
) {
  return test
    .extend(
      "shared",
      { scope: "file" },
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
      async ({}, { onCleanup }): Promise<OpenIdStack> => {
        const stack = await startOpenIdStack(options, {
          settings: { ...crowdSettings, ...settings },
        });
        onCleanup(() => stack[Symbol.asyncDispose]());
        return stack;
      },
    )
    .extend("stack", ({ shared }) => {
      shared.begin();
      return shared;
    });
}
