/** How many cases a test looks at: a sample with `npm test`, all with `npm run test:soak`. */
export function sample(some: number, all: number): number {
  return process.env.SOAK === "1" ? all : some;
}
