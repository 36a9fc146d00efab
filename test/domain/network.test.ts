import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { networkOf } from "../../src/domain/network.ts";

const cases: readonly (readonly [address: string, network: string])[] = [
  ["127.0.0.1", "127.0.0.1"],
  ["", ""],
  ["::1", "0:0:0:0::/64"],
  ["2001:db8:0:1:a:b:c:d", "2001:db8:0:1::/64"],
  ["2001:0DB8:0000:0001::9", "2001:db8:0:1::/64"],
  ["2001:db8:0:1::", "2001:db8:0:1::/64"],
  ["2001:db8::1:0:0:0:1", "2001:db8:0:1::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["a:b", "a:b"],
];

describe("whom an address is counted as", () => {
  for (const [address, network] of cases) {
    it(`is ${network || "nobody"} of ${address || "nobody"}`, () => {
      assert.equal(networkOf(address), network);
    });
  }

  it("is the same for all that one may have, and another one for the neighbour", () => {
    const own = ["2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"].map(networkOf);
    assert.equal(new Set(own).size, 1);
    assert.notEqual(networkOf("2001:db8:0:2::1"), own[0]);
  });
});
