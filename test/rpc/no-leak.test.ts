import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import {
  AclService,
  BatchCheckPackedRequestSchema,
  BatchCheckRequestSchema,
  type BatchCheckPackedRequest,
} from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { openBench, type Bench } from "./support/bench.ts";
import { anyCheck, singleCalls, type AnyCheck } from "./support/checks.ts";
import { ann, bob, hiddenWorlds, names } from "./support/hidden-worlds.ts";
import { rawCalls, textOf, type RawCall } from "./support/raw-calls.ts";
import { createState, keys } from "./support/world.ts";

interface Asker {
  readonly who: string;
  readonly token: string;
  /** The checks that it makes. */
  readonly checks: fc.Arbitrary<AnyCheck>;
  /** Whether bots of Ann may be in hidden pools too without that being told. */
  readonly mixedBot: boolean;
}

const checks = anyCheck(names, true);

/** Only checks about one caller. */
const about = (caller: string): fc.Arbitrary<AnyCheck> =>
  checks.filter((check) =>
    check.case === "actAs"
      ? `user:${check.value.serviceAccount}` === caller
      : check.value.caller === caller,
  );

const askers: readonly Asker[] = [
  { who: "the caller", token: keys.ann.token, checks, mixedBot: true },
  {
    who: "a peer that may ask about everything for the caller",
    token: keys.scheduler.token,
    checks: about(ann),
    mixedBot: true,
  },
  {
    // What Bob may do in realm `mine` is not hidden from it.
    who: "a peer that may ask for the caller in one realm",
    token: keys.narrow.token,
    checks: fc.oneof(about(ann), about("")),
    mixedBot: false,
  },
];

describe("answers of AclService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  /** That an asker gets the same answers in any two worlds, in one form of the wire. */
  const sameAnswers = ({ token, checks: own, mixedBot }: Asker) =>
    fc.asyncProperty(
      hiddenWorlds(mixedBot),
      hiddenWorlds(mixedBot),
      fc.array(own, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...Object.keys(rawCalls)),
      async (one, two, items, form) => {
        const call = rawCalls[form] ?? assert.fail();
        bench.replica.state = createState(one);
        const before = await askEverything(bench, token, items, call);
        bench.replica.state = createState(two);
        assert.deepEqual(await askEverything(bench, token, items, call), before);
        assert.ok(before.every((answer) => !answer.includes("CHECK_UNAVAILABLE")));
      },
    );

  for (const asker of askers) {
    it(`are the same bytes in worlds that differ where the caller may not look, for ${asker.who}`, async () => {
      await fc.assert(sameAnswers(asker), { numRuns: 80 });
    });
  }

  it("do differ for somebody whom the differences concern", async () => {
    const [, everything] = askers;
    assert.ok(everything);
    const property = sameAnswers({ ...everything, checks: about(bob) });
    const { failed } = await fc.check(property, { numRuns: 80, endOnFailure: true });
    assert.ok(failed);
  });
});

async function askEverything(
  bench: Bench,
  token: string,
  items: readonly AnyCheck[],
  call: RawCall,
): Promise<string[]> {
  const answers: string[] = [];
  for (const { case: kind, value } of items) {
    const method = singleCalls[kind];
    answers.push(textOf(await call(bench, token, method, create(method.input, value as never))));
  }
  for (const packed of packedOf(items)) {
    answers.push(textOf(await call(bench, token, AclService.method.batchCheckPacked, packed)));
  }
  const batch = create(BatchCheckRequestSchema, { checks: items.map((check) => ({ check })) });
  answers.push(textOf(await call(bench, token, AclService.method.batchCheck, batch)));
  return answers;
}

/** The same checks of pools, tasks and bots in packed batches, with reasons. */
function packedOf(items: readonly AnyCheck[]): readonly BatchCheckPackedRequest[] {
  const pools = items.flatMap(({ case: kind, value }) =>
    kind === "pool" ? [value.pool ?? ""] : [],
  );
  return items.flatMap(({ case: kind, value }) => {
    if (kind !== "pool" && kind !== "task" && kind !== "bot") return [];
    const resources =
      kind === "pool"
        ? { case: "pools" as const, value: { names: pools } }
        : kind === "task"
          ? {
              case: "tasks" as const,
              value: { infos: value.task === undefined ? [] : [value.task] },
            }
          : { case: "bots" as const, value: { ids: [value.botId ?? ""] } };
    const { caller = "", permission = "" } = value;
    const about = { caller, permission, resources, reasons: true };
    return [create(BatchCheckPackedRequestSchema, about)];
  });
}
