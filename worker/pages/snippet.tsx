import type { Child } from "hono/jsx";

interface SnippetProps {
  /** What the copy button copies, for a screen reader: "the address". */
  readonly name: string;
  readonly text: string;
  /** Fragment of the page's address that leads to it. */
  readonly id?: string;
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
