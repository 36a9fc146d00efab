import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Place } from "../../src/engine/inspect/listings.ts";
import { generateFleet } from "../support/fleets/generate-fleet.ts";
import { createRandom } from "../support/fleets/random.ts";
import * as names from "./support/alphabets.ts";
import { arbitraryConditionalWorld, arbitraryWorld } from "./support/arbitrary-world.ts";
import {
  compareHolders,
  compareMemberships,
  comparePermissions,
  comparePrincipals,
  inspectWorld,
} from "./support/listing-world.ts";
import { chooseSeed } from "./support/tally.ts";

const permissions = [...names.permissions, names.undeclaredPermission];
const taskPermissions = ["swarming.tasks.get", "swarming.tasks.cancel"];
/** Those that occur, and those that almost do. */
const people = [
  ...names.identities,
  "user:ann@x.co",
  "user:Bob@X.com",
  "user:bob@Y.org",
  "bot:ANN@x.com",
  "service:s:2",
  "project:q",
  "runner:r2",
  "task:T1",
];

const realm = fc.constantFrom(...names.likelyRealms, ...names.fullRealms);
const pool = fc.constantFrom(...names.pools, names.unknownPool);
const botId = fc.constantFrom(...names.bots);
const orNothing = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(fc.constant(""), text);
const arbitraryPlace: fc.Arbitrary<Place> = fc.oneof(
  fc.constant({ kind: "server" as const }),
  fc.record({ kind: fc.constant("pool" as const), pool }),
  fc.record({ kind: fc.constant("realm" as const), realm }),
  fc.record({ kind: fc.constant("bot" as const), botId }),
  fc.record({
    kind: fc.constant("task" as const),
    task: fc.record({
      taskId: fc.constant("t1"),
      realm: orNothing(realm),
      pool: orNothing(pool),
      botId: orNothing(botId),
      submitter: orNothing(fc.constantFrom(...names.identities)),
    }),
  }),
);
const arbitraryListing = fc
  .tuple(
    arbitraryPlace,
    fc.constantFrom(...permissions, ...names.boundPermissions),
    fc.constantFrom(...taskPermissions),
  )
  .map(([place, permission, ofTask]) => ({
    place,
    permission: place.kind === "task" ? ofTask : permission,
  }));

const eitherWorld = fc.oneof(arbitraryWorld, arbitraryConditionalWorld);

describe("in random worlds", () => {
  test("listPermissions equals the check for every permission in every place", (context) => {
    let permitted = 0;
    const asked = fc.constantFrom(...people);
    const property = fc.property(eitherWorld, asked, (world, who) => {
      permitted += comparePermissions(world, inspectWorld(world), who, permissions);
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 120 });
    context.diagnostic(`${permitted} pairs of a permission and a place permitted`);
    assert.ok(permitted > 1_000, String(permitted));
  });

  test("listPrincipals covers exactly those who pass, and says through what", (context) => {
    let passing = 0;
    const listings = fc.array(arbitraryListing, { minLength: 6, maxLength: 6 });
    const property = fc.property(eitherWorld, listings, (world, asks) => {
      const inspection = inspectWorld(world);
      for (const { permission, place } of asks) {
        passing += comparePrincipals(world, inspection, permission, place, people);
      }
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 120 });
    context.diagnostic(`${passing} passed`);
    assert.ok(passing > 1_000, String(passing));
  });

  test("lookupPrincipal lists exactly the groups that hold somebody, with every way", (context) => {
    let held = 0;
    const asked = fc.constantFrom(...names.globs);
    const property = fc.property(arbitraryWorld, asked, (world, glob) => {
      const inspection = inspectWorld(world);
      for (const who of people) held += compareMemberships(world, inspection, who);
      compareHolders(world, inspection, glob);
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 120 });
    context.diagnostic(`${held} memberships`);
    assert.ok(held > 1_000, String(held));
  });
});

describe("in realistic fleets", () => {
  for (const { size, fleets } of [
    { size: "tiny", fleets: 20 },
    { size: "small", fleets: 2 },
  ] as const) {
    test(`the listings equal the spec: ${size} ones`, (context) => {
      const first = chooseSeed(context);
      let passing = 0;
      for (let seed = first; seed < first + fleets; seed += 1) {
        const { config: world, identities, bots } = generateFleet({ seed, size });
        const inspection = inspectWorld(world);
        const declared = (world.permissions ?? []).map(({ name }) => name);
        const random = createRandom(seed);
        const all = [...identities.people, ...identities.services, "anonymous:anonymous"];
        const some = random.sample(all, 60);
        for (const who of some.slice(0, 2)) {
          comparePermissions(world, inspection, who, [...names.builtInPermissions, ...declared]);
        }
        for (const who of some.slice(0, 8)) compareMemberships(world, inspection, who);
        const [pool] = random.sample(world.pools ?? [], 1);
        const [botId] = random.sample(bots, 1);
        const places: readonly Place[] = [
          { kind: "server" },
          { kind: "realm", realm: pool?.realm ?? "p:r" },
          { kind: "pool", pool: pool?.name ?? "p" },
          { kind: "bot", botId: botId ?? "b" },
        ];
        for (const place of places) {
          const [permission = ""] = random.sample(names.builtInPermissions, 1);
          passing += comparePrincipals(world, inspection, permission, place, some);
        }
      }
      context.diagnostic(`${passing} passed`);
    });
  }
});
