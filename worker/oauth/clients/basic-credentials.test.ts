import { expect, test } from "vitest";
import { readBasicCredentials, writeBasicCredentials } from "./basic-credentials.ts";

/** A header as `Headers` gives it; some runtimes refuse a form feed in one. */
const read = (authorization: string) =>
  readBasicCredentials({ get: () => authorization } as unknown as Headers);

test.each([
  ["a:b", { id: "a", secret: "b" }],
  ["a%3Ab:c+d", { id: "a:b", secret: "c d" }],
  ["a:b:c", { id: "a", secret: "b:c" }],
  ["https%3A%2F%2Fapp%2Fc.json:", { id: "https://app/c.json", secret: "" }],
  ["https://app:8443/c.json:", { id: "https://app:8443/c.json", secret: "" }],
  ["no colon", "malformed"],
  ["%:x", "malformed"],
])("%s", (text, credentials) => {
  const header = `Basic ${btoa(text)}`;
  expect(read(header)).toEqual(credentials);
  if (typeof credentials === "object") {
    expect(read(writeBasicCredentials(credentials))).toEqual(credentials);
  }
});

test("white space within base64 is passed over, as atob does", () => {
  expect(read(`basic \t${btoa("a:b").slice(0, 2)}\f${btoa("a:b").slice(2)} `)).toEqual({
    id: "a",
    secret: "b",
  });
  for (const header of ["Basic", "Basic ", "Basic YTpi YTpi", "Basic ?"]) {
    expect(read(header), header).toBe("malformed");
  }
  for (const header of ["", "Bearer x", "Basically x"]) expect(read(header)).toBeUndefined();
});
