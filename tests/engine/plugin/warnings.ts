/** What is done to a resource. */
export type Operation = "create";

/** What the real provider warns of, by the type of the resource. */
const warnings: Readonly<Record<string, Readonly<Record<Operation, readonly string[]>>>> = {
  "cloudflare:index/workersCronTrigger:WorkersCronTrigger": {
    create: [
      "[WARNING] This resource cannot be destroyed from Terraform. If you create this resource, it will be present in the API until manually deleted.: Resource Destruction Considerations",
    ],
  },
};

/** Warnings that come with an operation, in the words of the real provider. */
export function listWarnings(token: string, operation: Operation): readonly string[] {
  return warnings[token]?.[operation] ?? [];
}
