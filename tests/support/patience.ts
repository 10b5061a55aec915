/**
 * Milliseconds that a test waits for one thing: a line of a program, an end, a condition. The one place where
 * it is said. It bounds what hangs and says nothing about speed: with sixteen processes on two cores
 * everything takes ten times as long, and is right all the same.
 */
export const patience = 180_000;

/** Milliseconds that a test may take that waits for a few such things. Longer than one: what it started then ends with it. */
export const testTime = 2 * patience;

/** Milliseconds that a test may take which deploys, again and again. */
export const storyTime = 5 * patience;
