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
  const started = starting.move();
  return {
    server,
    provider,
    meet,
    async logIn(login) {
      return (await OAuthApp.register(server.origin)).logIn(meet(login));
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
