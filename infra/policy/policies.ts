import type {
  PolicyResource,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import * as z from "zod";
import { toBindingName } from "../../worker/kit/needs.ts";
import { declarations } from "../method-settings.ts";
import { requiredFlags } from "../required-flags.ts";
import { resourceType } from "../resource-types.ts";

/** Days after which the behaviour of the Workers runtime is called old. */
const oldestCompatibility = 365;
const day = 86_400_000;

/**
 * The bindings of a script, as far as the rules look at them. Nothing else is read: before the first
 * `up` an id is unknown, and Pulumi turns a rule that touches an unknown value into a mere hint.
 */
const scriptBindings = z.array(
  z.object({ name: z.string(), type: z.string(), json: z.string().optional() }),
);

/** The settings that this project's Worker is given, as far as the rules look at them. */
const workerSettings = z.object({
  environment: z.string(),
  identity: z.object({ method: z.string() }),
  tools: z.record(z.string(), z.unknown()).optional(),
});

/** The part of `observability` that the rules look at. Cloudflare writes invocation logs unless they are turned off. */
const observabilityProps = z.object({
  enabled: z.boolean(),
  logs: z.object({ invocationLogs: z.boolean().optional() }).optional(),
});

/** What a binding's name ends with when its value is a secret. */
const secretName = /(^|_)(API_?KEYS?|KEYS?|SECRETS?|TOKENS?|PASSWORDS?|CREDENTIALS?)$/;

const noDemoInProduction: ResourceValidationPolicy = {
  name: "no-demo-sign-in-in-production",
  description: "A production stack signs nobody in without checking who they are.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    const settings = type === resourceType.worker ? readWorkerSettings(props) : undefined;
    const method = settings?.identity.method;
    if (settings?.environment !== "production" || method === undefined) return;
    if (declarations.some(({ name, isOpen }) => isOpen && name === method)) {
      report(
        `The Worker of this production stack signs anybody in (identity method "${method}"). Set identityMethod to one that checks.`,
      );
    }
  },
};

const secretsOnlyAsSecrets: ResourceValidationPolicy = {
  name: "secrets-only-as-secret-bindings",
  description: "What is named like a secret is a secret_text binding.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (type !== resourceType.worker) return;
    for (const { name, type: kind } of readBindings(props)) {
      if (secretName.test(name) && (kind === "plain_text" || kind === "json")) {
        report(
          `The binding ${name} is ${kind}, which the dashboard and the API show in plain text. Make it secret_text.`,
        );
      }
    }
    for (const name of Object.keys(readWorkerSettings(props)?.tools ?? {})) {
      if (secretName.test(toBindingName(name))) {
        report(`The setting ${name} is in SETTINGS in plain text. Make it a secret of its tool.`);
      }
    }
  },
};

const dataProtected: StackValidationPolicy = {
  name: "data-protected-in-production",
  description: "The KV namespace of a production stack is protected from deletion.",
  enforcementLevel: "mandatory",
  validateStack: ({ resources }, report) => {
    const isProduction = resources.some(
      ({ type, props }) =>
        type === resourceType.worker && readWorkerSettings(props)?.environment === "production",
    );
    if (!isProduction) return;
    for (const { type, name, urn, opts } of resources) {
      if (type === resourceType.namespace && !opts.protect) {
        report(
          `The KV namespace "${name}" holds every client's connection and is not protected. Remove kvProtection: false from the stack.`,
          urn,
        );
      }
    }
  },
};

const recentCompatibilityDate: ResourceValidationPolicy = {
  name: "recent-compatibility-date",
  description: "The compatibility date is at most a year old.",
  enforcementLevel: "advisory",
  validateResource: ({ type, props }, report) => {
    const date: unknown = type === resourceType.worker ? props.compatibilityDate : undefined;
    if (typeof date !== "string") return;
    if (Date.now() - Date.parse(date) <= oldestCompatibility * day) return;
    report(
      `The compatibility date ${date} is more than a year old. Set compatibilityDate to a later one after a look at Cloudflare's list of what changes.`,
    );
  },
};

const requiredFlagsPresent: ResourceValidationPolicy = {
  name: "required-flags",
  description: "The Worker has the compatibility flags that its safety rests on.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (type !== resourceType.worker || readWorkerSettings(props) === undefined) return;
    const flags = z.array(z.string()).safeParse(props.compatibilityFlags).data ?? [];
    for (const flag of requiredFlags.filter((required) => !flags.includes(required))) {
      report(`The compatibility flag ${flag} is missing. Take it from infra/required-flags.ts.`);
    }
  },
};

const noInvocationLogs: ResourceValidationPolicy = {
  name: "no-invocation-logs",
  description: "Cloudflare's own line for each invocation, with its whole URL, is not kept.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (type !== resourceType.worker || readWorkerSettings(props) === undefined) return;
    const { data } = observabilityProps.safeParse(props.observability);
    if (data?.enabled !== true || data.logs?.invocationLogs === false) return;
    report(
      "Invocation logs keep whole URLs, and that of /authorize/callback has a code in it. Set observability.logs to { enabled: true, invocationLogs: false }.",
    );
  },
};

const noPreviewUrls: ResourceValidationPolicy = {
  name: "no-preview-urls",
  description: "A Worker has no preview URLs: each would be an origin that no token is good for.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (type === resourceType.subdomain && props.previewsEnabled === true) {
      report("Preview URLs are on. Set previewsEnabled to false.");
    }
  },
};

export const policies: readonly (ResourceValidationPolicy | StackValidationPolicy)[] = [
  noDemoInProduction,
  secretsOnlyAsSecrets,
  dataProtected,
  recentCompatibilityDate,
  requiredFlagsPresent,
  noInvocationLogs,
  noPreviewUrls,
];

function readBindings(props: PolicyResource["props"]) {
  return scriptBindings.safeParse(props.bindings).data ?? [];
}

/** The settings of this project's Worker; undefined for any other Worker. */
function readWorkerSettings(props: PolicyResource["props"]) {
  const json = readBindings(props).find(({ name }) => name === "SETTINGS")?.json;
  if (json === undefined) return undefined;
  try {
    return workerSettings.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
