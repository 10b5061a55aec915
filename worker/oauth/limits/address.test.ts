import { expect, test } from "vitest";
import { readAddress } from "./address.ts";

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::ffff:203.0.113.7", "::ffff:cb00:7107"],
  ["::ffff:203.0.113.8", "::ffff:cb00:7108"],
  ["not:an:address", "not:an:address"],
])("%s is counted as %s", (address, counted) => {
  const request = new Request("https://x.example/", { headers: { "cf-connecting-ip": address } });
  expect(readAddress(request)).toBe(counted);
});

test("without an address all are counted together", () => {
  expect(readAddress(new Request("https://x.example/"))).toBe("");
});
