import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseIdentity } from "../../../src/domain/identity.ts";
import { emptyConfiguration, type Configuration } from "../../../src/domain/model.ts";
import { unmanaged } from "../../../src/domain/names.ts";
import { advanceState } from "../../../src/replica/change-state.ts";
import { inspectionOf } from "../../../src/replica/inspection.ts";
import { openSnapshot } from "../../../src/replica/snapshot-file/open-snapshot.ts";
import { writeSnapshot } from "../../../src/replica/snapshot-file/write-snapshot.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import { arbitraryQuestions } from "../../conformance/support/arbitrary-question.ts";
import { arbitraryWorld } from "../../conformance/support/arbitrary-world.ts";
import { askEngine, configureWorld } from "../../conformance/support/engine-world.ts";
import { explain } from "../../conformance/support/explain-world.ts";
import { makeFolder } from "./support/folders.ts";
import { bytes32, describeState, release, stateOf, type StateExtras } from "./support/states.ts";

const path = join(makeFolder(), "snapshot");
const now = (): number => 1_000_000;

async function writeAndRead(state: ReplicaState): Promise<ReplicaState> {
  await writeSnapshot(path, { state, release, confirmedAt: now() });
  const opened = await openSnapshot(path, { release, maxStalenessMs: 1000, now });
  assert.ok(opened);
  const kept = await opened.read();
  await opened.close();
  assert.equal(kept.ageMs, 0);
  return kept.state;
}

const text = fc.oneof(fc.constant(""), fc.string({ unit: "binary" }), fc.constant('é\u2028\n"\\'));
const time = fc.constantFrom(null, "2026-01-02T03:04:05.678Z");

const extras: fc.Arbitrary<StateExtras> = fc.record({
  revision: fc.constantFrom(0n, 1n, 1500n, 2n ** 62n),
  apiKeys: fc.array(
    fc.record(
      {
        id: fc.stringMatching(/^[A-Za-z0-9_-]{16}$/),
        identity: fc.constantFrom("user:ann@example.com", "service:ci"),
        description: text,
        secretHash: fc.constant("0f".repeat(32)),
        createdAt: fc.constant("2026-01-01T00:00:00.000Z"),
        createdBy: fc.constant("bootstrap"),
        expiresAt: time,
        revokedAt: time,
      },
      { noNullPrototype: true },
    ),
    { maxLength: 3 },
  ),
  takeOvers: fc.uniqueArray(
    fc.record(
      {
        group: fc.constantFrom("g", "ext/g", "h"),
        source: fc.constantFrom("main", "team-a"),
        author: fc.constantFrom("user:ann@example.com", "service:ci"),
        reason: text,
        expiresAt: fc.constant("2026-01-02T03:04:05.678Z"),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 2, selector: ({ group }) => group },
  ),
  acceptedRestores: fc.uniqueArray(fc.uuid(), { maxLength: 2 }),
  revisionOf: fc.func(fc.bigInt(0n, 2n ** 62n)),
});

/** Groups that nobody manages, with what is rare in worlds: texts of any kind, large groups. */
const byHand: fc.Arbitrary<Configuration> = fc
  .record({ description: text, count: fc.constantFrom(0, 1, 999, 1000, 1001, 2500) })
  .map(({ description, count }) => ({
    ...emptyConfiguration,
    groups: [
      {
        name: "by-hand",
        description,
        owners: "administrators",
        members: Array.from({ length: count }, (_, index) => `user:Person${index}@example.com`),
        globs: ["user:*@example.com"],
        nested: ["nobody-has-it"],
      },
    ],
  }));

const states = fc
  .record({ world: arbitraryWorld, hand: fc.option(byHand), extras })
  .map(({ world, hand, extras: more }) => {
    const configurations = new Map([["main", configureWorld(world)]]);
    configurations.set("nothing", emptyConfiguration);
    if (hand !== null) configurations.set(unmanaged, hand);
    return stateOf(configurations, more);
  });

describe("a state that is written to a snapshot file and read back", () => {
  it("is the same: groups, policies, keys, hashes, position", async () => {
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        assert.deepEqual(describeState(await writeAndRead(state)), describeState(state));
      }),
      { numRuns: 60 },
    );
  });

  it("answers every question alike, and explains the answers alike", async () => {
    let explained = 0;
    await fc.assert(
      fc.asyncProperty(states, arbitraryQuestions(40), async (state, questions) => {
        const read = await writeAndRead(state);
        for (const question of questions) {
          const answer = askEngine(state.snapshot, question);
          assert.deepEqual(askEngine(read.snapshot, question), answer);
          if (answer.answer === "invalid") continue;
          if ("caller" in question && parseIdentity(question.caller) === undefined) continue;
          const expected = explain(inspectionOf(state), question);
          assert.deepEqual(explain(inspectionOf(read), question), expected);
          explained += 1;
        }
      }),
      { numRuns: 40 },
    );
    assert.ok(explained > 500, `${explained} were explained`);
  });

  it("is the version that was to be written, though a newer one was made meanwhile", async () => {
    const group = (count: number): Configuration => ({
      ...emptyConfiguration,
      groups: Array.from({ length: count }, (_, index) => ({
        name: `g${index}`,
        description: "",
        owners: "administrators",
        members: [`user:m${index}@example.com`],
        globs: [],
        nested: [],
      })),
    });
    const state = stateOf(new Map([[unmanaged, group(20_000)]]));
    const before = describeState(state);
    const writing = writeSnapshot(path, { state, release, confirmedAt: now() });
    let next = state;
    for (let step = 0; step < 200; step += 1) {
      const revision = next.revision + 1n;
      const name = `g${step * 97}`;
      const member = `user:m${step * 97}@example.com`;
      const body = { name, description: "", owners: "administrators" };
      const items = [
        {
          kind: "group_member" as const,
          key: `${name} ${member}`,
          before: { group: name, member },
          after: undefined,
        },
        { kind: "group" as const, key: name, before: body, after: undefined },
      ];
      next = advanceState(next, [{ revision, hash: bytes32(revision), source: undefined, items }]);
      await new Promise(setImmediate);
    }
    await writing;
    const opened = await openSnapshot(path, { release, maxStalenessMs: 1000, now });
    const kept = await opened?.read();
    await opened?.close();
    assert.ok(kept);
    assert.deepEqual(describeState(kept.state), before);
    assert.equal(next.snapshot.groups.groupCount, 19_800);
  });
});
