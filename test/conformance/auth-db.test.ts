import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { isMember } from "../spec/membership.ts";
import { hasPermission } from "../spec/realms.ts";
import * as names from "./support/alphabets.ts";
import { arbitraryConditionalWorld, arbitraryWorld } from "./support/arbitrary-world.ts";
import { identity, loadWorld } from "./support/engine-world.ts";
import { chooseSeed } from "./support/tally.ts";

const attributeValue = fc.constantFrom(...names.values, "3");
const arbitraryAttributes = fc.record(
  { job: attributeValue, zone: attributeValue, toString: attributeValue, other: attributeValue },
  { requiredKeys: [] },
);

const arbitraryRight = fc.record({
  who: fc.constantFrom(...names.identities),
  permission: fc.constantFrom(...names.permissions, names.undeclaredPermission),
  realm: fc.oneof(fc.constantFrom(...names.likelyRealms), fc.constantFrom(...names.fullRealms)),
  attributes: arbitraryAttributes,
});

describe("the auth database answers as the spec", () => {
  test("who is a member of what", (context) => {
    let members = 0;
    let asked = 0;
    const property = fc.property(arbitraryWorld, (world) => {
      const { authDb } = loadWorld(world);
      for (const who of names.identities) {
        const mine = names.groups.filter((group) => isMember(world, who, group));
        for (const group of [...names.groups, names.unknownGroup]) {
          const expected = (mine as readonly string[]).includes(group);
          assert.equal(authDb.isMember(identity(who), group), expected, `${who} in ${group}`);
          asked += 1;
        }
        members += mine.length;
        assert.equal(authDb.isMemberOfAny(identity(who), names.groups), mine.length > 0, who);
      }
      assert.equal(authDb.isMemberOfAny(identity(names.identities[0]), []), false);
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 300 });
    context.diagnostic(`${asked} pairs asked, ${members} of them members`);
  });

  test("who has what permission under which attributes", (context) => {
    let asked = 0;
    let permitted = 0;
    let byAttributes = 0;
    const rights = fc.array(arbitraryRight, { minLength: 60, maxLength: 60 });
    const property = fc.property(arbitraryConditionalWorld, rights, (world, asks) => {
      const { authDb } = loadWorld(world);
      for (const ask of asks) {
        const { who, permission, realm, attributes } = ask;
        const map = new Map(Object.entries(attributes));
        const expected = hasPermission(world, who, permission, realm, attributes);
        const without = hasPermission(world, who, permission, realm);
        const says = JSON.stringify(ask);
        assert.equal(authDb.hasPermission(identity(who), permission, realm, map), expected, says);
        assert.equal(authDb.hasPermission(identity(who), permission, realm), without, says);
        assert.equal(authDb.permissionTest(identity(who), permission)(realm), without, says);
        asked += 2;
        permitted += Number(expected) + Number(without);
        byAttributes += Number(expected && !without);
      }
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 500 });
    context.diagnostic(
      `${asked} pairs asked, ${permitted} permitted, ${byAttributes} only by their attributes`,
    );
    assert.ok(byAttributes > 20, "conditions that hardly ever held");
  });
});
