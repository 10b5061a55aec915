import { expandGroups } from "../../../infra/group-rules.ts";
import type { Settings } from "../../../infra/settings.ts";
import { isAllowed } from "../../../worker/identity/allowed.ts";
import { findMostScopes } from "../../../worker/identity/scope-limit.ts";
import type { ScopeCatalogue } from "../../../worker/kit/define-scopes.ts";
import { listScopes } from "../../../worker/mcp/scopes.ts";

/** The settings that say who may what. */
export type AccessSettings = Pick<
  Settings,
  "identityMethod" | "allowedEmails" | "allowedDomains" | "allowedOrganizations" | "scopesByGroup"
>;

/** Somebody, as an operator knows them. */
export interface Somebody {
  readonly email: string;
  /** Groups, organisations and teams that they are in. */
  readonly groups: readonly string[];
}

export interface Access {
  /** Whether they may sign in, if the sign-in says what was given here. */
  readonly mayEnter: boolean;
  readonly because: string;
  /** Scopes that they may have at most. */
  readonly scopes: readonly string[];
  /** Scopes at most of each group that the settings name. */
  readonly byGroup: Readonly<Record<string, readonly string[]>>;
  /** Groups of theirs that no setting names. */
  readonly unknownGroups: readonly string[];
}

/** Whether somebody may sign in, and with which scopes at most. @param catalogue the server's scopes. */
export function describeAccess(
  settings: AccessSettings,
  somebody: Somebody,
  catalogue: ScopeCatalogue,
): Access {
  const byGroup = expandGroups(settings.scopesByGroup ?? {}, catalogue);
  const hasLimits = settings.scopesByGroup !== undefined;
  const { groups } = somebody;
  const most = hasLimits ? findMostScopes({ groups }, { scopesByGroup: byGroup }) : undefined;
  const { allowedOrganizations } = settings;
  const isNamed = (group: string) => group in byGroup || allowedOrganizations.includes(group);
  return {
    ...judgeEntry(settings, somebody),
    scopes: most ?? listScopes(catalogue),
    byGroup,
    unknownGroups: groups.filter((group) => !isNamed(group)),
  };
}

function judgeEntry(
  settings: AccessSettings,
  { email: given, groups }: Somebody,
): Pick<Access, "mayEnter" | "because"> {
  const { identityMethod, allowedEmails, allowedDomains, allowedOrganizations } = settings;
  const email = given.toLowerCase();
  const allowed = {
    emails: allowedEmails.map((one) => one.toLowerCase()),
    domains: allowedDomains,
    organizations: allowedOrganizations,
  };
  const lists = Object.values(allowed).every((list) => list.length === 0);
  if (lists) {
    return { mayEnter: true, because: `no allow-list, so everybody whom ${identityMethod} knows` };
  }
  const ofList = (part: Partial<typeof allowed>) =>
    isAllowed(
      {
        method: identityMethod,
        issuer: "",
        subject: "",
        email,
        isEmailVerified: true,
        organizations: groups,
      },
      { allowed: { emails: [], domains: [], organizations: [], ...part } },
    );
  const verified = "if the sign-in says that the address is verified";
  if (allowed.emails.length > 0 && ofList({ emails: allowed.emails })) {
    return { mayEnter: true, because: `allowedEmails has the address, ${verified}` };
  }
  if (allowed.domains.length > 0 && ofList({ domains: allowed.domains })) {
    return { mayEnter: true, because: `allowedDomains has the address's domain, ${verified}` };
  }
  const organization = allowed.organizations.find((name) => groups.includes(name));
  if (organization !== undefined) {
    return { mayEnter: true, because: `allowedOrganizations has ${organization}` };
  }
  return { mayEnter: false, because: "no allow-list has the address, its domain or a group" };
}
