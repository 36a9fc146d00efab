import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import type { Configuration } from "../../../src/domain/model.ts";
import {
  ExplainRequestSchema,
  InspectService,
  ListPermissionsRequestSchema,
  ListPrincipalsRequestSchema,
  LookupPrincipalRequestSchema,
} from "../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { openBench, type Bench } from "../support/bench.ts";
import { anyCheck, type AnyCheck } from "../support/checks.ts";
import { ann, bob, hiddenWorlds, names } from "../support/hidden-worlds.ts";
import { rawCalls, textOf, type RawCall } from "../support/raw-calls.ts";
import { createState, group, keys } from "../support/world.ts";

const { method } = InspectService;
const checks = anyCheck(names, true);

/** Only checks about one caller. */
const about = (caller: string): fc.Arbitrary<AnyCheck> =>
  checks.filter((check) =>
    check.case === "actAs"
      ? `user:${check.value.serviceAccount}` === caller
      : check.value.caller === caller,
  );

interface Asker {
  readonly who: string;
  readonly token: string;
  readonly checks: fc.Arbitrary<AnyCheck>;
  readonly mixedBot: boolean;
}

const askers: readonly Asker[] = [
  { who: "the caller", token: keys.ann.token, checks, mixedBot: true },
  {
    who: "a peer that may ask about everything for the caller",
    token: keys.scheduler.token,
    checks: about(ann),
    mixedBot: true,
  },
  {
    who: "a peer that may ask for the caller in one realm",
    token: keys.narrow.token,
    checks: fc.oneof(about(ann), about("")),
    mixedBot: false,
  },
];

describe("answers of InspectService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  /** That an asker gets the same answers in any two worlds, in one form of the wire. */
  const sameAnswers = (
    { token, checks: own, mixedBot }: Asker,
    change: (world: Configuration) => Configuration = (world) => world,
  ) =>
    fc.asyncProperty(
      hiddenWorlds(mixedBot),
      hiddenWorlds(mixedBot),
      fc.array(own, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...Object.keys(rawCalls)),
      async (one, two, items, form) => {
        const call = rawCalls[form] ?? assert.fail();
        bench.replica.state = createState(change(one));
        const before = await askEverything(bench, token, items, call);
        bench.replica.state = createState(change(two));
        assert.deepEqual(await askEverything(bench, token, items, call), before);
        assert.ok(before.every((answer) => !/INTERNAL_FAULT|STORAGE_UNAVAILABLE/.test(answer)));
      },
    );

  for (const asker of askers) {
    it(`are the same bytes in worlds that differ where the caller may not look, for ${asker.who}`, async () => {
      await fc.assert(sameAnswers(asker), { numRuns: 50 });
    });
  }

  it("are so for the owner of groups that have nothing to do with the caller", async () => {
    // In these worlds Ann is in no group at all, and the scheduler owns all that there may be.
    const owned = (world: Configuration): Configuration => ({
      ...world,
      groups: world.groups.map((it) =>
        it.name === "administrators" ? it : { ...it, owners: "schedulers" },
      ),
    });
    const [, scheduler] = askers;
    assert.ok(scheduler);
    await fc.assert(sameAnswers(scheduler, owned), { numRuns: 50 });
  });

  it("do differ for a reader, and for a peer whom the differences concern", async () => {
    const [, scheduler] = askers;
    assert.ok(scheduler);
    const reader = (world: Configuration): Configuration => ({
      ...world,
      groups: world.groups.map((it) =>
        it.name === "administrators" ? group(it.name, ["service:scheduler"]) : it,
      ),
    });
    for (const property of [
      sameAnswers(scheduler, reader),
      sameAnswers({ ...scheduler, checks: about(bob) }),
    ]) {
      const { failed } = await fc.check(property, { numRuns: 80, endOnFailure: true });
      assert.ok(failed);
    }
  });
});

async function askEverything(
  bench: Bench,
  token: string,
  items: readonly AnyCheck[],
  call: RawCall,
): Promise<string[]> {
  const answers: string[] = [];
  for (const check of items) {
    const request = create(ExplainRequestSchema, { check: check as never });
    answers.push(textOf(await call(bench, token, method.explain, request)));
  }
  // What one may do oneself is no secret. Of others who is no reader learns nothing, whether or not there is
  // what it asks about.
  for (const identity of ["", bob, "group:strangers"]) {
    const request = create(ListPermissionsRequestSchema, { identity });
    answers.push(textOf(await call(bench, token, method.listPermissions, request)));
  }
  for (const pool of ["mine", "x1", "never"]) {
    const place = { case: "pool", value: pool } as const;
    const permission = "swarming.pools.createTask";
    const request = create(ListPrincipalsRequestSchema, { permission, place });
    answers.push(textOf(await call(bench, token, method.listPrincipals, request)));
  }
  for (const name of ["strangers", "helpers", "never"]) {
    const request = create(LookupPrincipalRequestSchema, {
      principal: { case: "group", value: name },
    });
    answers.push(textOf(await call(bench, token, method.lookupPrincipal, request)));
  }
  return answers;
}
