import {
  defineResource,
  defineResourceTemplate,
  type ResourceDefinition,
} from "../../../worker/kit/define-resource.ts";
import { redPixel } from "./samples.ts";

const shared = {
  scope: "demo:use",
  cacheHint: { ttlMs: 60_000, cacheScope: "private" },
} as const;

/** The resources that the suite reads, fills in and subscribes to. */
export const resources: readonly ResourceDefinition[] = [
  defineResource({
    ...shared,
    name: "static-text",
    title: "Static text",
    description: "A text that never changes.",
    uri: "test://static-text",
    mimeType: "text/plain",
    read: () => ({ text: "This is the content of the static text resource." }),
  }),
  defineResource({
    ...shared,
    name: "static-binary",
    title: "Static picture",
    description: "A picture that never changes.",
    uri: "test://static-binary",
    mimeType: "image/png",
    read: () => ({ blob: redPixel }),
  }),
  defineResource({
    ...shared,
    name: "watched",
    title: "Watched text",
    description: "A text that one can subscribe to.",
    uri: "test://watched-resource",
    mimeType: "text/plain",
    changesWith: "watched",
    read: () => ({ text: "Watched resource content." }),
  }),
  defineResourceTemplate({
    ...shared,
    name: "template",
    title: "Data by id",
    description: "A record for each id.",
    uriTemplate: "test://template/{id}/data",
    variables: { id: ["123"] },
    mimeType: "application/json",
    read: ({ id }) => ({
      text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
    }),
  }),
];
