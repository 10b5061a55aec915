import { expect, test } from "vitest";
import { readAddress, readSite } from "./address.ts";

function from(address: string): Request {
  return new Request("https://x.example/", { headers: { "cf-connecting-ip": address } });
}

test.each([
  ["203.0.113.7", "203.0.113.7", undefined],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:0::/56", "2001:db8:1::/48"],
  ["2001:DB8:1:ff02::9", "2001:db8:1:ff00::/56", "2001:db8:1::/48"],
  ["2001:db8::1", "2001:db8:0:0::/56", "2001:db8:0::/48"],
  ["::1", "0:0:0:0::/56", "0:0:0::/48"],
  ["::ffff:203.0.113.7", "::ffff:cb00:7107", "::ffff:cb00:7107"],
  ["::ffff:203.0.113.8", "::ffff:cb00:7108", "::ffff:cb00:7108"],
  ["not:an:address", "not:an:address", undefined],
])("%s is counted as %s, of the site %s", (address, counted, site) => {
  expect(readAddress(from(address))).toBe(counted);
  expect(readSite(from(address))).toBe(site);
});

test("the 256 subnets of a household are counted together, and the 256 households of a site apart", () => {
  const numbers = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, "0"));
  const subnets = numbers.map((number) => readAddress(from(`2001:db8:1:42${number}::1`)));
  expect(new Set(subnets)).toEqual(new Set(["2001:db8:1:4200::/56"]));
  const households = numbers.map((number) => from(`2001:db8:1:${number}42::1`));
  expect(new Set(households.map(readAddress)).size).toBe(256);
  expect(new Set(households.map(readSite))).toEqual(new Set(["2001:db8:1::/48"]));
});

test("without an address all are counted together", () => {
  expect(readAddress(new Request("https://x.example/"))).toBe("");
});
