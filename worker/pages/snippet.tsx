import type { Child } from "hono/jsx";

interface SnippetProps {
  /** What the copy button says to a screen reader: "the address". */
  readonly name: string;
  readonly text: string;
  /** Where an address of the page leads to it. */
  readonly id?: string;
  /** What it is for. */
  readonly children?: Child;
}

/** Text to copy as it is. The button comes from `copy.js`. */
export function Snippet({ name, text, id, children }: SnippetProps) {
  return (
    <figure id={id}>
      {children && <figcaption>{children}</figcaption>}
      <div class="snippet" data-copy={name}>
        <pre tabindex={0}>
          <code>{text}</code>
        </pre>
      </div>
    </figure>
  );
}
