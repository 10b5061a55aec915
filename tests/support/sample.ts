/** How many cases a test looks at, or how: a sample with `npm test`, all with `npm run test:soak`. */
export function sample<Value>(some: Value, all: Value): Value {
  return process.env.SOAK === "1" ? all : some;
}
