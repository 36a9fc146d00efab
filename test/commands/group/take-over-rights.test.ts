import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addMembers, removeMembers } from "../../../src/commands/group/change-members.ts";
import { deleteGroup } from "../../../src/commands/group/delete-group.ts";
import { getGroup } from "../../../src/commands/group/get-group.ts";
import { importGroups } from "../../../src/commands/group/import-groups.ts";
import {
  maxTakeOverMs,
  returnGroup,
  takeOverGroup,
} from "../../../src/commands/group/take-over-group.ts";
import { maxTakeOvers } from "../../../src/commands/group/take-overs.ts";
import { updateGroup } from "../../../src/commands/group/update-group.ts";
import type { CommandDeps } from "../../../src/commands/deps.ts";
import type { TakeOverBody } from "../../../src/domain/entity.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import { hasReason } from "../../support/errors.ts";
import { imported } from "./live-support.ts";
import {
  auditor,
  creator,
  depsOn,
  groupInput,
  importer,
  makeGroup,
  nobody,
  owner,
  root,
  stateOf,
  usualGroups,
  usualPolicy,
  validating,
} from "./support.ts";

// The clock of depsOn stands at 1970-01-01T00:00:00Z.
const soon = "1970-01-01T00:00:00.001Z";
const now = "1970-01-01T00:00:00.000Z";

const takeOver = (group: string, expiresAt = soon): TakeOverBody => ({
  group,
  source: "main",
  author: root,
  reason: "the repository is down",
  expiresAt,
});

function withTakeOvers(...takeOvers: readonly TakeOverBody[]): ReplicaState {
  const policy = {
    ...usualPolicy,
    groups: [...usualPolicy.groups, makeGroup("hr/eng", { members: ["user:eng@example.com"] })],
  };
  return {
    ...stateOf(usualGroups, policy),
    takeOvers: new Map(takeOvers.map((each) => [each.group, each])),
  };
}

/** The states in which a group may be, and its name there. */
const situations: Readonly<Record<string, readonly [ReplicaState, string]>> = {
  "nobody manages": [withTakeOvers(takeOver("managed")), "team"],
  "a source manages": [withTakeOvers(takeOver("hr/eng")), "managed"],
  "is taken over": [withTakeOvers(takeOver("managed")), "managed"],
  "was taken over until this instant": [withTakeOvers(takeOver("managed", now)), "managed"],
  "is not there": [withTakeOvers(), "none"],
};

type Call = (deps: CommandDeps, author: Identity, name: string) => Promise<unknown>;

const updating =
  (mask: readonly string[]): Call =>
  (deps, author, name) =>
    updateGroup(deps, author, {
      ...validating,
      group: groupInput(name, {
        description: "new",
        owners: "team-owners",
        members: ["bot:new"],
        globs: ["bot:*"],
        nested: ["helpers"],
      }),
      updateMask: mask,
      etag: "",
    });

const edits: Readonly<Record<string, Call>> = {
  "update of the description": updating(["description"]),
  "update of owners": updating(["owners"]),
  "update of members": updating(["members"]),
  "update of globs": updating(["globs"]),
  "update of nested groups": updating(["nested"]),
  AddMembers: (deps, author, group) =>
    addMembers(deps, author, { ...validating, group, members: ["bot:new"] }),
  RemoveMembers: (deps, author, group) =>
    removeMembers(deps, author, { ...validating, group, members: ["user:m@example.com"] }),
  DeleteGroup: (deps, author, name) => deleteGroup(deps, author, { ...validating, name, etag: "" }),
};

const { guards: _guards, ...plain } = validating;
const hour = 3_600_000;

const takeOverCall: Call = (deps, author, name) =>
  takeOverGroup(deps, author, { ...plain, name, reason: "why", durationMs: hour });
const returnCall: Call = (deps, author, name) => returnGroup(deps, author, { ...plain, name });

async function outcome(call: Call, deps: CommandDeps, author: Identity, name: string) {
  try {
    await call(deps, author, name);
    return "ok";
  } catch (error) {
    assert.ok(error instanceof DomainError, String(error));
    return error.reason;
  }
}

const everybody = { root, owner, auditor, creator, importer, nobody };

/** What an edit of a group comes to for those who may edit it. */
const forEditors: Readonly<Record<string, string>> = {
  "nobody manages": "ok",
  "a source manages": "MANAGED_BY_SOURCE",
  "is taken over": "ok",
  "was taken over until this instant": "MANAGED_BY_SOURCE",
  "is not there": "NOT_FOUND",
};

/** What TakeOverGroup comes to for administrators. */
const forTakers: Readonly<Record<string, string>> = {
  "nobody manages": "NOT_MANAGED",
  "a source manages": "ok",
  "is taken over": "ok",
  "was taken over until this instant": "ok",
  "is not there": "NOT_FOUND",
};

describe("who may do what with a group that", () => {
  for (const [situation, [state, name]] of Object.entries(situations)) {
    for (const [who, author] of Object.entries(everybody)) {
      const mayEdit = who === "root" || (who === "owner" && name !== "none");
      const edit = mayEdit ? forEditors[situation] : "GROUP_FORBIDDEN";
      it(`${situation}: ${who}`, async () => {
        const deps = depsOn(state);
        for (const [method, call] of Object.entries(edits)) {
          assert.equal(await outcome(call, deps, author, name), edit, method);
        }
        const [taking, returning] =
          who !== "root"
            ? ["GROUP_FORBIDDEN", "GROUP_FORBIDDEN"]
            : [forTakers[situation], name === "none" ? "NOT_FOUND" : "ok"];
        assert.equal(await outcome(takeOverCall, deps, author, name), taking, "TakeOverGroup");
        assert.equal(await outcome(returnCall, deps, author, name), returning, "ReturnGroup");
      });
    }
  }
});

describe("an import of groups of which a source manages one", () => {
  const importing: Call = (deps, author) =>
    importGroups(deps, author, { ...validating, ...imported("hr", { "hr/eng": ["bot:a"] }) });
  const cases = [
    ["that is not taken over", withTakeOvers(), "MANAGED_BY_SOURCE"],
    ["that is taken over", withTakeOvers(takeOver("hr/eng")), "ok"],
    ["whose take-over has ended", withTakeOvers(takeOver("hr/eng", now)), "MANAGED_BY_SOURCE"],
  ] as const;
  for (const [what, state, expected] of cases) {
    it(`${what}: ${expected}`, async () => {
      assert.equal(await outcome(importing, depsOn(state), importer, ""), expected);
    });
  }
});

describe("TakeOverGroup", () => {
  const taking = (more: object, author = root) =>
    takeOverGroup(depsOn(withTakeOvers()), author, {
      ...{ ...plain, name: "managed", reason: "why", durationMs: hour },
      ...more,
    });

  it("answers with the group, who took it over and until when", async () => {
    const { group } = await taking({ reason: " why " });
    assert.deepEqual(
      [group.managedBy, group.takeOver],
      [
        "main",
        {
          group: "managed",
          source: "main",
          author: root,
          reason: " why ",
          expiresAt: "1970-01-01T01:00:00.000Z",
        },
      ],
    );
  });

  const malformed: readonly (readonly [field: string, more: object])[] = [
    ["name", { name: "A B" }],
    ["reason", { reason: "" }],
    ["reason", { reason: " \u00a0 " }],
    ["reason", { reason: "x".repeat(1001) }],
    ["duration", { durationMs: undefined }],
    ["duration", { durationMs: 0 }],
    ["duration", { durationMs: -1 }],
    ["duration", { durationMs: Number.NaN }],
    ["duration", { durationMs: maxTakeOverMs + 0.001 }],
  ];
  for (const [field, more] of malformed) {
    it(`refuses ${JSON.stringify(more).slice(0, 40)} of ${field}, but not before the right`, async () => {
      await assert.rejects(taking(more), hasReason("INVALID_FIELD", { field }));
      await assert.rejects(taking(more, owner), hasReason("GROUP_FORBIDDEN"));
    });
  }

  it("takes 30 days, and the shortest time", async () => {
    const { group } = await taking({ durationMs: maxTakeOverMs });
    assert.equal(group.takeOver?.expiresAt, "1970-01-31T00:00:00.000Z");
    assert.equal((await taking({ durationMs: 1e-6 })).group.takeOver?.expiresAt, soon);
  });

  it("takes no more groups over than there may be, but extends those that are", async () => {
    const many = Array.from({ length: maxTakeOvers - 1 }, (_, index) => takeOver(`g${index}`));
    const full = depsOn(withTakeOvers(takeOver("hr/eng"), ...many));
    await assert.rejects(
      takeOverCall(full, root, "managed"),
      hasReason("LIMIT_EXCEEDED", { limit: "take_overs" }),
    );
    await takeOverCall(full, root, "hr/eng");
    await takeOverCall(depsOn(withTakeOvers(...many)), root, "managed");
  });
});

describe("a take-over", () => {
  const state = withTakeOvers(takeOver("managed"));

  it("is shown to readers, and to nobody else who may read the group", () => {
    for (const [asker, shown] of [
      [root, takeOver("managed")],
      [auditor, takeOver("managed")],
      [owner, undefined],
    ] as const) {
      const { group } = getGroup(
        { asker, rights: state.snapshot, state },
        "managed",
        true,
        undefined,
      );
      assert.deepEqual(group.takeOver, shown);
    }
  });

  it("is shown in the answer of an edit as it is to who reads", async () => {
    for (const [author, shown] of [
      [root, takeOver("managed")],
      [owner, undefined],
    ] as const) {
      const { group } = await updateGroup(depsOn(state), author, {
        ...validating,
        group: groupInput("managed", { description: "new" }),
        updateMask: ["description"],
        etag: "",
      });
      assert.deepEqual([group.managedBy, group.takeOver], ["main", shown]);
    }
  });

  it("is pointed to by the refusal of an edit", async () => {
    const added = addMembers(depsOn(withTakeOvers()), root, {
      ...validating,
      ...{ group: "managed", members: ["bot:a"] },
    });
    await assert.rejects(added, {
      message: /is managed by source "main": .* take it over for a time/,
    });
  });
});
