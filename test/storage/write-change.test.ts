import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { canonicalize } from "../../src/config/canonical.ts";
import { diffEntities, toEntities } from "../../src/config/entities.ts";
import type { EntityChange } from "../../src/domain/entity.ts";
import { emptyConfiguration, type Configuration } from "../../src/domain/model.ts";
import type { Storage } from "../../src/storage/database.ts";
import { countChanges } from "../../src/domain/count-changes.ts";
import { verifyChanges } from "../../src/storage/history/verify-changes.ts";
import { readState, readStateIn } from "../support/stored-state.ts";
import { readRevisionPoint } from "../../src/storage/revision-point.ts";
import { writeChange, type ChangeMeta, type WriteResult } from "../../src/storage/write-change.ts";
import { forEachBackend } from "../support/database.ts";
import { fullConfiguration, groupChanges, testApiKey } from "./examples.ts";

const meta: ChangeMeta = {
  author: "user:ann@example.com",
  reason: "why \ud800",
  requestId: "",
  requestHash: "",
};

function write(
  storage: Storage,
  source: string | undefined,
  changes: readonly EntityChange[],
  more: Partial<ChangeMeta> = {},
): Promise<WriteResult> {
  return writeChange(storage, { ...meta, ...more }, () => Promise.resolve({ source, changes }));
}

function apply(storage: Storage, source: string, after: Configuration): Promise<WriteResult> {
  return writeChange(storage, meta, async (tx) => {
    const state = await readStateIn(tx);
    const current = state.configurations.get(source) ?? emptyConfiguration;
    const changes = diffEntities(toEntities(current), toEntities(canonicalize(after)));
    return { source, changes };
  });
}

/** Recomputes the hash of every change from what is stored. */
async function verifyChain(storage: Storage): Promise<void> {
  const { revision } = await readRevisionPoint(storage);
  const { changes, faults } = await verifyChanges(storage.db, 0n, 0n);
  assert.deepEqual(faults, []);
  assert.equal(changes, revision);
}

describe("writeChange", () => {
  forEachBackend((_name, open) => {
    let storage: Storage;
    before(async () => {
      storage = await open();
    });

    test("keeps everything that a configuration can hold, in canonical form", async () => {
      const wanted = canonicalize(fullConfiguration);
      const result = await apply(storage, "main", fullConfiguration);
      const state = await readState(storage);
      assert.equal(result.kind, "committed");
      assert.equal(result.revision, state.revision);
      assert.deepEqual(result.chainHash, state.chainHash);
      assert.equal(result.databaseId, state.databaseId);
      assert.deepEqual(state.configurations.get("main"), wanted);
      assert.deepEqual(state.sources.get("main"), { revision: result.revision });
      assert.deepEqual(
        diffEntities(toEntities(wanted), toEntities(state.configurations.get("main")!)),
        [],
      );
    });

    test("updates and deletes exactly what changes", async () => {
      const { settings, groups } = fullConfiguration;
      const next: Configuration = {
        ...emptyConfiguration,
        settings: {
          ...settings!,
          usersGroup: "others",
          delegations: settings!.delegations.slice(1),
        },
        projects: fullConfiguration.projects.map((project) => ({
          ...project,
          realms: project.realms.slice(0, 1),
        })),
        groups: [
          {
            ...groups[0]!,
            description: "new",
            members: ["user:ANN@example.com", "bot:b-1"],
            globs: [],
          },
        ],
      };
      const result = await apply(storage, "main", next);
      const state = await readState(storage);
      assert.deepEqual(state.configurations.get("main"), canonicalize(next));
      const members = countChanges(result.changes).find(({ kind }) => kind === "group_member");
      assert.deepEqual(members, { kind: "group_member", created: 1, updated: 1, deleted: 2 });
    });

    test("makes no revision when nothing changes", async () => {
      const before = await readState(storage);
      const result = await write(storage, "main", []);
      assert.equal(result.kind, "unchanged");
      assert.equal(result.revision, before.revision);
      assert.deepEqual(result.chainHash, before.chainHash);
      assert.deepEqual(await readState(storage), before);
    });

    test("makes a revision of nothing when it is asked for, for the sake of its entry", async () => {
      const before = await readState(storage);
      const result = await writeChange(storage, meta, () =>
        Promise.resolve({ source: undefined, changes: [], evenIfEmpty: true }),
      );
      assert.equal(result.kind, "committed");
      assert.equal(result.revision, before.revision + 1n);
    });

    test("keeps apart what different sources and nobody manage", async () => {
      await write(storage, "team", groupChanges("team-group", ["user:t@example.com"]));
      await write(storage, undefined, groupChanges("by-hand", ["user:h@example.com"]));
      const { configurations } = await readState(storage);
      const names = (source: string): readonly string[] | undefined =>
        configurations.get(source)?.groups.map(({ name }) => name);
      assert.deepEqual(names("team"), ["team-group"]);
      assert.deepEqual(names(""), ["by-hand"]);
    });

    test("lets an edit by hand of a managed group count as a change of its source", async () => {
      const change: EntityChange = {
        kind: "group_member",
        key: "team-group user:x@example.com",
        before: undefined,
        after: { group: "team-group", member: "user:x@example.com" },
      };
      const { revision } = await write(storage, undefined, [change]);
      const { sources, configurations } = await readState(storage);
      assert.equal(sources.get("team")?.revision, revision);
      assert.notEqual(sources.get("main")?.revision, revision);
      assert.equal(configurations.get("team")?.groups[0]?.members.length, 2);
    });

    test("remembers a source that manages nothing any more", async () => {
      await apply(storage, "passing", {
        ...emptyConfiguration,
        groups: [fullConfiguration.groups[1]!].map((group) => ({ ...group, name: "passing" })),
      });
      const { revision } = await apply(storage, "passing", emptyConfiguration);
      const state = await readState(storage);
      assert.deepEqual(state.configurations.get("passing"), emptyConfiguration);
      assert.deepEqual(state.sources.get("passing"), { revision });
    });

    test("keeps API keys, of no source", async () => {
      const key = testApiKey("key-0123456789ab");
      await write(storage, undefined, [
        { kind: "api_key", key: key.id, before: undefined, after: key },
      ]);
      const revoked = { ...key, revokedAt: "2026-03-01T00:00:00.000Z", expiresAt: null };
      assert.deepEqual((await readState(storage)).apiKeys, [key]);
      await write(storage, undefined, [
        { kind: "api_key", key: key.id, before: key, after: revoked },
      ]);
      assert.deepEqual((await readState(storage)).apiKeys, [revoked]);
    });

    test("answers a repeated request with what it did the first time", async () => {
      const request = { requestId: "one", requestHash: "hash" };
      const changes = groupChanges("repeated", ["user:r@example.com"]);
      const first = await write(storage, "main", changes, request);
      await write(storage, "main", groupChanges("later", []));
      const again = await writeChange(storage, { ...meta, ...request }, () =>
        assert.fail("planned"),
      );
      assert.deepEqual(again, { ...first, kind: "repeated" });
      const other = await write(storage, "main", groupChanges("other-author", []), {
        ...request,
        author: "user:bob@example.com",
      });
      assert.equal(other.kind, "committed");
    });

    test("refuses a request id that was used for another request", async () => {
      const revision = (await readRevisionPoint(storage)).revision;
      await assert.rejects(
        write(storage, "main", groupChanges("x", []), { requestId: "one", requestHash: "other" }),
        { reason: "REQUEST_ID_REUSED" },
      );
      assert.equal((await readRevisionPoint(storage)).revision, revision);
    });

    test("keeps nothing when the plan fails", async () => {
      const before = await readState(storage);
      const failure = new TypeError("in the plan");
      const failed = writeChange(storage, meta, () => Promise.reject(failure));
      await assert.rejects(failed, { reason: "INTERNAL_FAULT", cause: failure });
      assert.deepEqual(await readState(storage), before);
    });

    test("fails whole when a change does not fit what is stored", async () => {
      const before = await readState(storage);
      const body = { name: "by-hand", description: "d", owners: "administrators" };
      const misfits: readonly (readonly [string | undefined, EntityChange])[] = [
        [
          undefined,
          { kind: "group", key: "none", before: { ...body, name: "none" }, after: undefined },
        ],
        [undefined, { kind: "group", key: "none", before: body, after: { ...body, name: "none" } }],
        // Managed by nobody, not by main.
        ["main", { kind: "group", key: "by-hand", before: body, after: body }],
        ["main", { kind: "group", key: "by-hand", before: undefined, after: body }],
        // Without a parent.
        [
          "main",
          {
            kind: "group_glob",
            key: "none *",
            before: undefined,
            after: { group: "none", glob: "user:*" },
          },
        ],
      ];
      for (const [source, change] of misfits) {
        const changes = [...groupChanges("fits", []), change];
        await assert.rejects(write(storage, source, changes), { reason: "INTERNAL_FAULT" });
      }
      assert.deepEqual(await readState(storage), before);
    });

    test("writes more rows than a statement has parameters, in one revision", async () => {
      const members = Array.from(
        { length: 30_000 },
        (_, index) => `user:person-${index}@example.com`,
      );
      const changes = groupChanges("large", members);
      const result = await write(storage, "main", changes);
      assert.deepEqual(countChanges(result.changes), [
        { kind: "group", created: 1, updated: 0, deleted: 0 },
        { kind: "group_member", created: 30_000, updated: 0, deleted: 0 },
      ]);
      const large = (await readState(storage)).configurations
        .get("main")
        ?.groups.find(({ name }) => name === "large");
      assert.deepEqual(large?.members, members.toSorted());
    });

    test("leaves a log from which every hash can be computed again", async () => {
      await verifyChain(storage);
    });
  });
});
