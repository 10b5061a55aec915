import * as z from "zod";
import { fail } from "../api-error.ts";
import { now } from "../identifiers.ts";
import { type Bucket, toBucketId } from "../records.ts";
import { answer, type Call, createRoutes } from "../route.ts";

const body = z.object({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "must be 3 to 63 characters of a-z, 0-9 and -"),
  locationHint: z.string().optional(),
  storageClass: z.enum(["Standard", "InfrequentAccess"]).optional(),
});

/** R2 buckets. The shapes are the SDK's; no traffic of theirs was recorded. */
export const bucketRoutes = createRoutes("Workers R2 Storage", "/accounts/:account/r2/buckets", [
  ["GET", "", listBuckets],
  ["POST", "", createBucket],
  ["GET", "/:bucket", (call) => answer(show(findBucket(call)))],
  ["PATCH", "/:bucket", patchBucket],
  ["DELETE", "/:bucket", deleteBucket],
  ["GET", "/:bucket/objects", listObjects],
  ["DELETE", "/:bucket/objects/:key{.+}", deleteObject],
]);

function listBuckets({ cloud, account, query }: Call) {
  const after = query.get("cursor") ?? query.get("start_after") ?? "";
  const contains = query.get("name_contains") ?? "";
  const limit = Math.min(Number(query.get("per_page") ?? 20) || 20, 1000);
  const sorted = cloud.records.buckets
    .list((each) => each.account === account.id && each.name.includes(contains))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const isDescending = query.get("direction") === "desc";
  if (isDescending) sorted.reverse();
  const all = sorted.filter(
    ({ name }) => after === "" || (isDescending ? name < after : name > after),
  );
  const page = all.slice(0, limit);
  const cursor = all.length > limit ? page.at(-1)?.name : undefined;
  return {
    result: { buckets: page.map(show) },
    resultInfo: { per_page: limit, ...(cursor !== undefined && { cursor }) },
  };
}

async function createBucket(call: Call) {
  const { name, locationHint, storageClass } = await call.json(body, 10005);
  const { cloud, account, request } = call;
  if (cloud.records.buckets.get(`${account.id}/${name}`) !== undefined) {
    throw fail(409, 10004, "The bucket you tried to create already exists, and you own it.");
  }
  const bucket = cloud.records.buckets.put({
    account: account.id,
    name,
    jurisdiction: request.headers.get("cf-r2-jurisdiction") ?? "default",
    creationDate: now(),
    location: locationHint,
    storageClass: storageClass ?? "Standard",
  });
  return answer(show(bucket));
}

function patchBucket(call: Call) {
  const found = findBucket(call);
  const storageClass = call.request.headers.get("cf-r2-storage-class") ?? found.storageClass;
  return answer(show(call.cloud.records.buckets.put({ ...found, storageClass })));
}

async function deleteBucket(call: Call) {
  const found = findBucket(call);
  if ((await call.cloud.storage.listObjects(toBucketId(found), { limit: 1 })).objects.length > 0) {
    throw fail(409, 10008, "The bucket you tried to delete is not empty.");
  }
  call.cloud.records.buckets.delete(found);
  return answer({});
}

async function listObjects(call: Call) {
  const { cloud, query } = call;
  const cursor = query.get("cursor");
  const limit = Math.min(Number(query.get("per_page") ?? 1000) || 1000, 1000);
  const { objects, cursor: next } = await cloud.storage.listObjects(toBucketId(findBucket(call)), {
    prefix: query.get("prefix") ?? "",
    limit,
    ...(cursor && { cursor }),
  });
  const isTruncated = next !== undefined;
  return {
    result: objects,
    resultInfo: {
      per_page: limit,
      is_truncated: isTruncated,
      ...(isTruncated && { cursor: next }),
    },
  };
}

/** A missing one is not an error. */
async function deleteObject(call: Call) {
  const key = call.params.key ?? "";
  await call.cloud.storage.deleteObject(toBucketId(findBucket(call)), key);
  return answer({ key });
}

function findBucket({ cloud, account, params }: Call): Bucket {
  const found = cloud.records.buckets.get(`${account.id}/${params.bucket}`);
  if (found !== undefined) return found;
  throw fail(404, 10006, "The specified bucket does not exist.");
}

function show({ name, creationDate, location, jurisdiction, storageClass }: Bucket) {
  return {
    name,
    creation_date: creationDate,
    jurisdiction,
    storage_class: storageClass,
    ...(location !== undefined && { location }),
  };
}
