import {
  identityMethodsThatCheckNothing,
  type SecretName,
  type SettingName,
  type Settings,
} from "./settings.ts";

/** What an identity method cannot work without. */
const methodNeeds: Readonly<
  Record<Settings["identityMethod"], readonly (SettingName | SecretName)[]>
> = {
  demo: [],
  github: ["githubClientId", "githubClientSecret"],
  oidc: ["oidcIssuer", "oidcClientId", "oidcClientSecret"],
  access: ["accessTeamDomain"],
};

/** Every rule between settings that a stack breaks, each with the way out. */
export function findProblems(settings: Settings, secrets: readonly SecretName[]): string[] {
  return [
    ...checkIdentityMethod(settings),
    ...checkMethodOptions(settings, secrets),
    ...checkDemo(settings, secrets),
    ...checkAccess(settings),
    ...checkAllowed(settings),
    ...checkClients(settings),
    ...checkAddress(settings),
    ...checkRoutes(settings),
    ...checkTokens(settings),
  ];
}

function checkIdentityMethod({ environment, identityMethod }: Settings): string[] {
  const problems: string[] = [];
  if (environment === "production" && identityMethodsThatCheckNothing.includes(identityMethod)) {
    problems.push(
      `identityMethod: "${identityMethod}" signs anybody in, which a production stack must not. Choose another method, or set environment to development.`,
    );
  }
  return problems;
}

/** What the identity method needs, and what belongs to another one. */
function checkMethodOptions(settings: Settings, secrets: readonly SecretName[]): string[] {
  const { identityMethod } = settings;
  const isSet = (name: SettingName | SecretName) =>
    secrets.includes(name as SecretName) || settings[name as SettingName] !== undefined;
  const missing = methodNeeds[identityMethod]
    .filter((name) => !isSet(name))
    .map((name) => {
      const option = name.endsWith("Secret") ? "--secret " : "";
      return `${name}: the identity method "${identityMethod}" needs it. Set it with \`pulumi config set ${option}${name}\`.`;
    });
  const foreign = Object.entries(methodNeeds)
    .filter(([method]) => method !== identityMethod)
    .flatMap(([method, names]) => names.map((name) => ({ method, name })))
    // A secret that nothing reads does no harm, and .dev/secrets.yaml is for every stack.
    .filter(({ name }) => settings[name as SettingName] !== undefined)
    .map(
      ({ method, name }) =>
        `${name}: it belongs to the identity method "${method}", and this stack has "${identityMethod}". Remove it, or change identityMethod.`,
    );
  return [...missing, ...foreign];
}

/** Anybody on the Internet who finds a preview would be let in. */
function checkDemo(
  { environment, identityMethod }: Settings,
  secrets: readonly SecretName[],
): string[] {
  if (environment !== "preview" || identityMethod !== "demo") return [];
  if (secrets.includes("demoPassword")) return [];
  return [
    'demoPassword: a preview lies open on the Internet, and "demo" without it takes any password. Set one with `pulumi config set --secret demoPassword`.',
  ];
}

function checkAccess({
  identityMethod,
  accessTeamDomain,
  accessAudience,
  customDomain,
}: Settings): string[] {
  if (identityMethod !== "access") {
    if (accessAudience === undefined) return [];
    return [
      `accessAudience: it belongs to the identity method "access", and this stack has "${identityMethod}". Remove it, or change identityMethod.`,
    ];
  }
  const problems: string[] = [];
  if (accessTeamDomain !== undefined && !accessTeamDomain.endsWith(".cloudflareaccess.com")) {
    problems.push(
      `accessTeamDomain: "${accessTeamDomain}" is no team domain of Cloudflare Access. It ends with .cloudflareaccess.com; Zero Trust shows it under Settings. Example: acme.cloudflareaccess.com`,
    );
  }
  if (customDomain === undefined && accessAudience === undefined) {
    problems.push(
      "accessAudience: only on a custom domain can this stack make the Access application itself. Set customDomain and zone; or make a self-hosted application in Zero Trust for the paths authorize, authorize/*, connections and connections/* of the Worker's host and no others, and set its Application Audience (AUD) Tag with `pulumi config set accessAudience <tag>`. docs/identity.md has the steps.",
    );
  }
  if (customDomain !== undefined && accessAudience !== undefined) {
    problems.push(
      "accessAudience: on a custom domain this stack makes the Access application itself and knows its tag. Remove it.",
    );
  }
  return problems;
}

function checkAllowed(settings: Settings): string[] {
  const { identityMethod, allowedEmails, allowedDomains, allowedOrganizations } = settings;
  const problems: string[] = [];
  for (const [name, list] of Object.entries({ allowedEmails, allowedDomains })) {
    if (identityMethod === "demo" && list.length > 0) {
      problems.push(
        `${name}: "demo" verifies no address, so it would let nobody in. Remove it, or choose another identityMethod.`,
      );
    }
  }
  if (identityMethod !== "github" && allowedOrganizations.length > 0) {
    problems.push(
      `allowedOrganizations: only the identity method "github" knows organisations, and this stack has "${identityMethod}". Remove it.`,
    );
  }
  const wrong = allowedOrganizations.find((entry) => !/^[\w.-]+(\/[\w.-]+)?$/.test(entry));
  if (wrong !== undefined) {
    problems.push(
      `allowedOrganizations: "${wrong}" must be an organisation, or an organisation and the short name of a team. Example: acme/platform`,
    );
  }
  return problems;
}

/** The ids of clients stand in KV keys, and one that is a URL would name a metadata document. */
function checkClients({ preRegisteredClients }: Settings): string[] {
  const ids = preRegisteredClients.map(({ clientId }) => clientId);
  return preRegisteredClients.flatMap(({ clientId, redirectUris }, index) => {
    const field = `preRegisteredClients.${index}`;
    const problems: string[] = [];
    if (!/^[\w.-]{1,128}$/.test(clientId)) {
      problems.push(
        `${field}.clientId: "${clientId}" must be 1 to 128 letters, digits, ".", "_" and "-". Example: acme`,
      );
    }
    if (ids.indexOf(clientId) !== index) {
      problems.push(`${field}.clientId: "${clientId}" stands there twice. Remove one.`);
    }
    const wrong = redirectUris.find((uri) => !isRedirectUri(uri));
    if (wrong !== undefined) {
      problems.push(
        `${field}.redirectUris: "${wrong}" must be https://, or http:// on localhost, without a user and without #. Example: https://acme.example/callback`,
      );
    }
    return problems;
  });
}

/** RFC 9700 section 2.1, RFC 8252 section 7.3. */
function isRedirectUri(text: string): boolean {
  const { protocol, hostname, username, password } = new URL(text);
  const isPlain = username === "" && password === "" && !text.includes("#");
  return isPlain && (protocol === "https:" || (protocol === "http:" && isLoopback(hostname)));
}

function checkAddress(settings: Settings): string[] {
  const { customDomain, publicUrl, workersDev, routes, zone, allowOriginChange } = settings;
  const problems: string[] = [];
  for (const [name, url] of Object.entries({ publicUrl, allowOriginChange })) {
    if (url !== undefined && !isOrigin(url)) {
      problems.push(
        `${name}: "${url}" must be https:// and a host, or http:// and localhost, with no path and no / at the end. Example: https://math.example.com`,
      );
    }
  }
  if (customDomain !== undefined && zone === undefined) {
    problems.push(
      `zone: the custom domain ${customDomain} lies in a zone of the account. Name it. Example: example.com`,
    );
  }
  if (customDomain !== undefined && zone !== undefined && !liesIn(customDomain, zone)) {
    problems.push(
      `customDomain: ${customDomain} does not lie in the zone ${zone}. Choose a name that is or ends with it. Example: math.${zone}`,
    );
  }
  if (customDomain !== undefined && ![undefined, `https://${customDomain}`].includes(publicUrl)) {
    problems.push(
      `publicUrl: "${publicUrl}" and customDomain "${customDomain}" disagree, and there is one public URL. Remove publicUrl.`,
    );
  }
  const isLocal = publicUrl?.startsWith("http:") === true;
  if (!workersDev && customDomain === undefined && routes.length === 0 && !isLocal) {
    problems.push(
      "workersDev: with false nothing leads to the Worker. Set customDomain, or publicUrl with routes.",
    );
  }
  const twice = routes.find((pattern, index) => routes.indexOf(pattern) !== index);
  if (twice !== undefined) problems.push(`routes: "${twice}" stands there twice. Remove one.`);
  return problems;
}

/** Another host than the origin's would be answered with 404, so a route for it is a mistake. */
function checkRoutes({ routes, zone, customDomain, publicUrl }: Settings): string[] {
  if (routes.length === 0) return [];
  if (zone === undefined) {
    return ["zone: routes lie in a zone of the account. Name it. Example: example.com"];
  }
  const host =
    customDomain ??
    (publicUrl !== undefined && URL.canParse(publicUrl) ? new URL(publicUrl).host : undefined);
  if (host === undefined) {
    return [
      "routes: they need a public URL on the same host. Set publicUrl or customDomain. Example: https://math.example.com",
    ];
  }
  return routes.flatMap((pattern) => {
    const routeHost = pattern.split("/")[0] ?? "";
    if (pattern.includes("://") || !pattern.includes("/")) {
      return [`routes: "${pattern}" must be a host and a path. Example: ${host}/*`];
    }
    if (!liesIn(routeHost, zone)) {
      return [`routes: "${pattern}" does not lie in the zone ${zone}. Example: ${host}/*`];
    }
    if (routeHost !== host) {
      return [
        `routes: "${pattern}" is not on the public URL's host ${host}, so every request to it would be refused. Example: ${host}/*`,
      ];
    }
    return [];
  });
}

function checkTokens(settings: Settings): string[] {
  const { accessTokenLifetime, refreshTokenIdleLifetime, refreshTokenLifetime } = settings;
  const problems: string[] = [];
  if (accessTokenLifetime > refreshTokenIdleLifetime) {
    problems.push(
      `accessTokenLifetime: ${accessTokenLifetime} s is longer than refreshTokenIdleLifetime (${refreshTokenIdleLifetime} s), so a connection would end before its token. Example: 3600`,
    );
  }
  if (refreshTokenLifetime !== undefined && refreshTokenLifetime < refreshTokenIdleLifetime) {
    problems.push(
      `refreshTokenLifetime: ${refreshTokenLifetime} s is shorter than refreshTokenIdleLifetime (${refreshTokenIdleLifetime} s), which then means nothing. Raise it, or lower the other. Example: 31536000`,
    );
  }
  return problems;
}

function liesIn(host: string, zone: string): boolean {
  return host === zone || host.endsWith(`.${zone}`);
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname: host } = new URL(text);
  return origin === text && (protocol === "https:" || (protocol === "http:" && isLoopback(host)));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}
