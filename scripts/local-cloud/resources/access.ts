import { randomUUID } from "node:crypto";
import * as z from "zod";
import { fail } from "../api-error.ts";
import { now } from "../identifiers.ts";
import type { Document } from "../records.ts";
import { answer, answerPage, type Call, createRoutes, type Route } from "../route.ts";

const application = z.looseObject({ type: z.string().default("self_hosted") });
const policy = z.looseObject({ name: z.string().min(1), decision: z.string().min(1) });

/**
 * Access applications and policies, kept as they are sent. Applications are of an account or a zone;
 * policies of an application or, reusable, of an account. The shapes are the SDK's; no traffic of
 * theirs was recorded. Nobody is kept out here: Access runs at Cloudflare only.
 */
export const accessRoutes: readonly Route[] = [
  ...["/accounts/:account", "/zones/:zone"].flatMap((owner): Route[] => [
    ...createDocumentRoutes(
      `${owner}/access/apps`,
      "accessApplications",
      application,
      showApplication,
    ),
    ...createDocumentRoutes(
      `${owner}/access/apps/:application/policies`,
      "accessPolicies",
      policy,
      showPolicy,
    ),
  ]),
  ...createDocumentRoutes(
    "/accounts/:account/access/policies",
    "accessPolicies",
    policy,
    showPolicy,
  ),
];

type Kind = "accessApplications" | "accessPolicies";

function createDocumentRoutes(
  path: string,
  kind: Kind,
  schema: typeof application | typeof policy,
  show: (document: Document) => object,
): Route[] {
  const find = (call: Call) => {
    const found = call.cloud.records[kind].get(call.params.id ?? "");
    if (found !== undefined && isAt(call, found)) return found;
    throw refuseMissing();
  };
  const save = async (call: Call, before: Document | undefined) => {
    const body = await call.json(schema, 12130);
    requireApplication(call);
    const time = now();
    const document: Document = {
      id: before?.id ?? randomUUID(),
      owner: toOwner(call),
      application: call.params.application,
      createdAt: before?.createdAt ?? time,
      updatedAt: time,
      body: { ...(before?.body.aud !== undefined && { aud: before.body.aud }), ...body },
    };
    return answer(show(call.cloud.records[kind].put(withAudience(kind, document))));
  };
  const list = (call: Call) => {
    const all = call.cloud.records[kind].list((each) => isAt(call, each));
    return answerPage(all.map(show), call.query, 1000);
  };
  const remove = (call: Call) => {
    const found = find(call);
    const { accessPolicies } = call.cloud.records;
    call.cloud.store.change(() => {
      call.cloud.records[kind].delete(found);
      // An application's own policies go with it.
      for (const each of accessPolicies.list(({ application: of }) => of === found.id)) {
        accessPolicies.delete(each);
      }
    });
    return answer({ id: found.id });
  };
  return createRoutes("Access: Apps and Policies", path, [
    ["GET", "", list],
    ["POST", "", (call) => save(call, undefined)],
    ["GET", "/:id", (call) => answer(show(find(call)))],
    ["PUT", "/:id", (call) => save(call, find(call))],
    ["DELETE", "/:id", remove],
  ]);
}

/** @throws ApiError if the path names an application that is not there. */
function requireApplication(call: Call): void {
  const { application: id } = call.params;
  if (id === undefined) return;
  if (call.cloud.records.accessApplications.get(id)?.owner !== toOwner(call)) throw refuseMissing();
}

function refuseMissing(): Error {
  return fail(404, 11021, "access.api.error.not_found: no such application or policy.");
}

/** Whose it is, and of which application if it is a policy of one. */
function isAt(call: Call, { owner, application: of }: Document): boolean {
  return owner === toOwner(call) && of === call.params.application;
}

function toOwner({ params }: Call): string {
  return params.account === undefined ? `zones/${params.zone}` : `accounts/${params.account}`;
}

/** Adds the audience of the application's tokens, which the Worker checks. */
function withAudience(kind: Kind, document: Document): Document {
  if (kind === "accessPolicies" || document.body.aud !== undefined) return document;
  const aud = randomUUID().replaceAll("-", "") + randomUUID().replaceAll("-", "");
  return { ...document, body: { ...document.body, aud } };
}

function showApplication({ id, body, createdAt, updatedAt }: Document) {
  return { ...body, id, uid: id, created_at: createdAt, updated_at: updatedAt };
}

function showPolicy({ id, body, createdAt, updatedAt }: Document) {
  const rules = { include: [], exclude: [], require: [] };
  return { ...rules, ...body, id, created_at: createdAt, updated_at: updatedAt };
}
