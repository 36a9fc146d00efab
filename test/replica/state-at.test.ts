import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { sql } from "kysely";
import { applyConfig } from "../../src/commands/apply-config.ts";
import { bootstrapKey } from "../../src/commands/bootstrap-key.ts";
import { toYaml } from "../../src/config/export-yaml.ts";
import { compareBytewise, sortByName } from "../../src/domain/bytewise.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { configurationsOf } from "../../src/replica/configurations.ts";
import { loadIn } from "../../src/replica/load.ts";
import { ForeignHistoryError } from "../../src/replica/replica.ts";
import { maxRebuilt } from "../../src/replica/rebuilds.ts";
import { stateAt } from "../../src/replica/state-at.ts";
import type { ReplicaState } from "../../src/replica/state.ts";
import type { Storage } from "../../src/storage/database.ts";
import { inReadTransaction } from "../../src/storage/transaction.ts";
import { pruneItems } from "../../src/storage/history/prune-items.ts";
import { admin, applyInput, createTestCommands } from "../commands/support.ts";
import { arbitraryQuestions } from "../conformance/support/arbitrary-question.ts";
import { askEngine } from "../conformance/support/engine-world.ts";
import type { Question } from "../spec/question.ts";
import { useDatabase } from "../support/database.ts";
import { hasReason } from "../support/errors.ts";
import { arbitrarySteps, play } from "../support/random-history.ts";

const open = useDatabase();

/** All that can be told of a state, as plain values. */
function describeState(state: ReplicaState, questions: readonly Question[]): object {
  const { groups } = state.snapshot;
  return {
    revision: state.revision,
    token: state.revisionToken,
    configurations: sorted(configurationsOf(state)).map(([source, configuration]) => [
      source,
      toYaml(configuration),
    ]),
    sources: sorted(state.sources),
    groups: sortByName(groups.entries()).map(({ name, managedBy, revision, members }) => [
      name,
      managedBy,
      revision,
      members.size,
    ]),
    groupCount: groups.groupCount,
    apiKeys: sorted(state.apiKeys.entries()),
    takeOvers: sorted(state.takeOvers),
    restores: [...state.acceptedRestores],
    answers: questions.map((question) => askEngine(state.snapshot, question)),
  };
}

function sorted<T>(entries: Iterable<readonly [string, T]>): readonly (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => compareBytewise(a, b));
}

async function loaded(storage: Storage): Promise<ReplicaState> {
  return inReadTransaction(storage, (tx) => loadIn(tx));
}

describe("stateAt", () => {
  it("rebuilds every revision as it was loaded then", async () => {
    let rebuilt = 0;
    await fc.assert(
      fc.asyncProperty(arbitrarySteps, arbitraryQuestions(40), async (steps, questions) => {
        const storage = await open();
        const { deps } = await createTestCommands(storage);
        const known = [describeState(await loaded(storage), questions)];
        for (const step of steps) {
          await play(deps, step);
          const state = await loaded(storage);
          if (Number(state.revision) === known.length) known.push(describeState(state, questions));
          assert.equal(known.length, Number(state.revision) + 1);
        }
        for (const [revision, then] of [...known.entries()].reverse()) {
          const state = await stateAt(deps, BigInt(revision));
          assert.deepEqual(describeState(state, questions), then, `revision ${revision}`);
          rebuilt += 1;
        }
        await storage.close();
      }),
      { numRuns: 15, endOnFailure: true },
    );
    assert.ok(rebuilt > 60, `${rebuilt} states were rebuilt`);
  });

  const pool = (name: string): string => `pools: [{ name: ${name}, realm: "p:r" }]`;
  const poolsOf = ({ expanded }: ReplicaState): readonly string[] =>
    expanded.pools.map(({ name }) => name);

  async function threePools() {
    const storage = await open();
    const commands = await createTestCommands(storage);
    for (const name of ["a", "b", "c"]) {
      await applyConfig(commands.deps, admin, applyInput(pool(name)));
    }
    return { storage, ...commands };
  }

  it("refuses revisions that are not there, and those whose changes are kept no more", async () => {
    const { storage, deps } = await threePools();
    for (const revision of [4n, 2n ** 62n, -1n]) {
      await assert.rejects(
        stateAt(deps, revision),
        hasReason("REVISION_NOT_RETAINED", { revision: `${revision}`, oldest: "0" }),
      );
    }
    await assert.rejects(stateAt(deps, 4n), /the state of revision 4 does not exist yet; /);
    await pruneItems(storage, { before: 2n, dryRun: false });
    assert.deepEqual(poolsOf(await stateAt(deps, 1n)), ["a"]);
    await assert.rejects(stateAt(deps, 0n), hasReason("REVISION_NOT_RETAINED", { oldest: "1" }));
  });

  it("does not give a remembered state once its changes are pruned", async () => {
    const { storage, deps } = await threePools();
    assert.deepEqual(poolsOf(await stateAt(deps, 1n)), ["a"]);
    await pruneItems(storage, { before: 3n, dryRun: false });
    await assert.rejects(stateAt(deps, 1n), hasReason("REVISION_NOT_RETAINED", { oldest: "2" }));
  });

  it("finds a revision that another process has just made", async () => {
    const { storage, deps } = await threePools();
    const other = await createTestCommands(storage);
    await applyConfig(other.deps, admin, applyInput(pool("d")));
    assert.equal(deps.replica.current()?.revision, 3n);
    assert.deepEqual(poolsOf(await stateAt(deps, 4n)), ["d"]);
  });

  it("needs no database for the current revision, and cannot do without for others", async () => {
    const { storage, deps } = await threePools();
    const current = deps.replica.current();
    await storage.close();
    assert.equal(await stateAt(deps, 3n), current);
    await assert.rejects(stateAt(deps, 2n));
  });

  it("is not fooled by a database that was restored or forked", async () => {
    const { storage, deps } = await threePools();
    await sql`update change set hash = prev_hash where revision = 3`.execute(storage.db);
    await assert.rejects(stateAt(deps, 2n), ForeignHistoryError);
  });

  it("rebuilds once for all who ask, and remembers only the newest few", async () => {
    const { deps } = await threePools();
    const [first, second] = await Promise.all([stateAt(deps, 1n), stateAt(deps, 1n)]);
    assert.equal(first, second);
    assert.equal(await stateAt(deps, 1n), first);
    for (let more = 0; more < maxRebuilt; more += 1) {
      await applyConfig(deps, admin, applyInput(pool(`more-${more}`)));
    }
    for (let revision = 3n; revision < 3n + BigInt(maxRebuilt); revision += 1n) {
      await stateAt(deps, revision);
    }
    assert.notEqual(await stateAt(deps, 1n), first);
  });

  it("keeps what it rebuilt as it is while the replica goes on", async () => {
    const { deps } = await threePools();
    const groups = `groups: [{ name: g, members: ["user:ann@x.com"] }]`;
    await applyConfig(deps, admin, applyInput(groups));
    await applyConfig(deps, admin, applyInput(pool("a")));
    const state = await stateAt(deps, 4n);
    const before = describeState(state, []);
    await applyConfig(deps, admin, applyInput(groups.replace("ann", "bob")));
    assert.deepEqual(describeState(state, []), before);
    assert.equal(await stateAt(deps, 4n), state);
  });

  it("gives a group back to the source that deleted it", async () => {
    const { deps } = await threePools();
    const group = (member: string) => `groups: [{ name: g, members: ["user:${member}@x.com"] }]`;
    await applyConfig(deps, admin, applyInput(group("ann"), { source: "one" }));
    await applyConfig(deps, admin, applyInput("groups: []", { source: "one" }));
    await applyConfig(deps, admin, applyInput(group("bob"), { source: "two" }));
    const { groups } = (await stateAt(deps, 4n)).snapshot;
    assert.equal(groups.entry("g")?.managedBy, "one");
    assert.deepEqual([...(groups.entry("g")?.members.values() ?? [])], ["user:ann@x.com"]);
    assert.equal((await stateAt(deps, 5n)).snapshot.groups.entry("g"), undefined);
  });

  it("knows of a source whose group was edited otherwise", async () => {
    const { storage, deps } = await threePools();
    const groups = (member: string) =>
      applyInput(`groups: [{ name: administrators, members: ["user:${member}@x.com"] }]`, {
        source: "roots",
      });
    await applyConfig(deps, admin, groups("ann"));
    const key = { identity: "user:bob@x.com", description: "", ttlSeconds: undefined };
    await bootstrapKey(deps, { ...key, noExpiry: true, breakGlass: true, reason: "locked out" });
    const then = describeState(await loaded(storage), []);
    await deps.replica.refresh();
    await applyConfig(deps, "user:bob@x.com" as Identity, groups("bob"));
    const state = await stateAt(deps, 5n);
    assert.equal(state.sources.get("roots")?.revision, 5n);
    assert.deepEqual(describeState(state, []), then);
  });

  it("knows settings that the previous release changed without knowing all of them", async () => {
    const { storage, deps } = await threePools();
    const settings = (users: string, reason: boolean) =>
      applyInput(`settings: { users_group: ${users}, reason_required: ${reason} }`, {
        source: "s",
        reason: "why",
      });
    await applyConfig(deps, admin, settings("a", true));
    await applyConfig(deps, admin, settings("b", true));
    await applyConfig(deps, admin, applyInput("{}", { source: "s", reason: "why" }));
    await applyConfig(deps, admin, settings("c", false));
    await sql`
      update change_item set before = before - 'reasonRequired', after = after - 'reasonRequired'
      where revision in (5, 6)
    `.execute(storage.db);
    const known: unknown[] = [];
    for (const revision of [4n, 5n, 6n, 7n]) {
      const { usersGroup, reasonRequired } = (await stateAt(deps, revision)).expanded.settings;
      known.push([usersGroup, reasonRequired]);
    }
    assert.deepEqual(known, [
      ["a", true],
      ["b", true],
      ["", false],
      ["c", false],
    ]);
  });

  it("undoes a change of more items than a batch", async () => {
    const { storage, deps } = await threePools();
    const members = (count: number) =>
      Array.from({ length: count }, (_, index) => `"user:u${index}@x.com"`).join(",");
    const groups = (count: number) =>
      applyInput(`groups: [{ name: g, globs: ["user:*@y.com"], members: [${members(count)}] }]`);
    await applyConfig(deps, admin, groups(3_500));
    const then = describeState(await loaded(storage), []);
    await applyConfig(deps, admin, applyInput("groups: []"));
    await applyConfig(deps, admin, groups(3));
    assert.deepEqual(describeState(await stateAt(deps, 4n), []), then);
    assert.deepEqual(poolsOf(await stateAt(deps, 3n)), ["c"]);
  });
});
