/**
 * Loaded before a policy pack, which the engine asks to end when it has no more use for it: it then ends by itself, as
 * only so Node keeps what it has compiled for the next run.
 */
process.once("SIGTERM", () => process.exit());
