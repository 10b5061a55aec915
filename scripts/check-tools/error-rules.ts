/** Characters of a message at most: two wrong arguments with all their choices fit. */
const longestMessage = 600;

/** How a sentence begins that tells what to do next. */
const nextStep =
  /(^|\. |; )(Ask|Call|Change|Choose|Connect|Correct|Delete|Divide|Do not|Give|Repeat|Shorten|Split|Start|Store|Try|Use|Wait|Write)\b|(^|\. )(Example|There are): /;

/** Words that only the program's author understands. */
const inside =
  /\b(undefined|null|NaN|TypeError|SyntaxError)\b|\[object|\.ts\b|\bat line\b|node_modules/;

/** What a model would miss in an error message; empty if it can act on it. */
export function findMessageProblems(message: string): string[] {
  const [first = "", ...rest] = message.split(/(?<=\.) /);
  const rules: readonly (readonly [isKept: boolean, problem: string])[] = [
    [!nextStep.test(first) && first.split(" ").length >= 3, "first says what is wrong"],
    [rest.length > 0 && nextStep.test(message), "then says what to do next"],
    [!inside.test(message), "says nothing of the program's inside"],
    [message.length <= longestMessage, `has at most ${longestMessage} characters`],
  ];
  return rules.flatMap(([isKept, problem]) => (isKept ? [] : problem));
}
