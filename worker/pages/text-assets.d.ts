/** A style sheet as minified text. */
declare module "*?inline" {
  const text: string;
  export default text;
}

/** A file as text; a script is minified. */
declare module "*?raw" {
  const text: string;
  export default text;
}
