/** What `pulumi up` runs. All outputs, and none that does not apply: the engine warns of undefined ones. */
import "./quick-start.ts";
import { program } from "./program.ts";

// Pulumi's SDK notes a stack trace with each of its promises, and has all of them mapped to sources, which takes a
// fifth of a run. Ours are the sources already: Node only strips their types.
Reflect.set(Error, "prepareStackTrace", undefined);

export default await program();
