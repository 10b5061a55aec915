/**
 * Variables of a program that may run tests of its own with vitest: in one process, as each one more loads everything
 * again, and the other processors have tests of ours to run.
 */
export const oneWorker = { VITEST_MAX_WORKERS: "1" } as const;
