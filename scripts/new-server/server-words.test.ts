import { expect, test } from "vitest";
import { checkIdentity } from "./server-words.ts";

const good = {
  name: "acme-orders",
  title: "Acme orders",
  description: "Orders of Acme",
  from: "https://example.com/upstream.git",
};

test("what can be a server is taken as it is", () => {
  expect(checkIdentity(good)).toEqual(good);
});

test.each([
  [
    { name: "AcmeOrders" },
    /^name: "AcmeOrders" is not a name for a server: .* such as acme-orders\./,
  ],
  [{ name: "acme_orders" }, /^name: .* such as acme-orders\./],
  [{ name: "9-lives" }, /^name: .* such as lives\./],
  [{ name: "a" }, /^name: "a" has 1 characters, .* Use a longer one\./],
  [{ name: "x".repeat(41) }, /^name: .* has 41 characters, .* Use a shorter one\./],
  [{ title: "" }, /^--title: it must be one line of 2 to 60 characters/],
  [{ title: "two\nlines" }, /^--title: it must be one line/],
  [{ title: " Acme" }, /^--title: .*no space at either end/],
  [{ description: "x".repeat(201) }, /^--description: it must be one line of 3 to 200/],
  [{ from: "--upload-pack=x" }, /^--from: .* git would take it for an option/],
  [{ from: "https://a:b@example.com/x" }, /^--from: .* it has a password in it/],
])("%j is refused with the field, the reason and the next step", (change, words) => {
  expect(() => checkIdentity({ ...good, ...change })).toThrow(words);
});

test("everything that is wrong is said at once", () => {
  const words = /^name: .*\n--title: .*\n--from: /;
  expect(() => checkIdentity({ ...good, name: "A", title: "", from: "" })).toThrow(words);
});
