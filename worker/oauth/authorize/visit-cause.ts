/** Who caused a visit to a page of ours. */
export type VisitCause =
  /** The person, or a program on their computer: they typed the address, or an app opened it. */
  | "person"
  /** A page of another site, or nobody knows. */
  | "unknown";

/** Field of a form in which a page carries who caused the visit it was shown for. */
export const causeField = "visit";

/**
 * Who caused a visit to an address. Only `none` says that no page did (Fetch Metadata, "Sec-Fetch-Site").
 * `same-origin` does not say how the person came to the page before: another site's link may have led to our
 * form, or to our link that tries again. Without the header, nothing is known.
 */
export function findCause({ headers }: Request): VisitCause {
  return headers.get("sec-fetch-site") === "none" ? "person" : "unknown";
}

/**
 * Who caused the visit that a form belongs to, as the page said when it was shown. Forms count only from
 * pages of ours, and no address can set the field.
 */
export function readCause(form: FormData): VisitCause {
  return form.get(causeField) === "person" ? "person" : "unknown";
}
