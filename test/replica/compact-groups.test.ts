import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { EntityChange } from "../../src/domain/entity.ts";
import { emptyConfiguration } from "../../src/domain/model.ts";
import { graphLimits } from "../../src/engine/groups/graph-limits.ts";
import { advanceState } from "../../src/replica/change-state.ts";
import { createGroupCompactor, type GroupCompactor } from "../../src/replica/compact-groups.ts";
import type { ReplicaState } from "../../src/replica/state.ts";
import { group, id } from "../engine/world.ts";
import { bytes32, describeState, stateOf } from "./snapshot-file/support/states.ts";

const team = [group("team", { members: ["user:Ann@x.com", "user:bob@x.com"] })];
const first = (): ReplicaState => stateOf(new Map([["", { ...emptyConfiguration, groups: team }]]));

function change(before: string | undefined, after: string | undefined): EntityChange {
  const body = (member: string | undefined) =>
    member === undefined ? undefined : { group: "team", member };
  const key = `team ${before ?? after ?? ""}`;
  return { kind: "group_member", key, before: body(before), after: body(after) };
}

function advance(state: ReplicaState, items: readonly EntityChange[]): ReplicaState {
  const revision = state.revision + 1n;
  return advanceState(state, [{ revision, hash: bytes32(revision), source: undefined, items }]);
}

const many = Array.from({ length: graphLimits.compactAfter }, (_, index) =>
  change(undefined, `bot:b${index}`),
);

async function settled(compactor: GroupCompactor, state: ReplicaState): Promise<ReplicaState> {
  for (;;) {
    const next = compactor.settle(state);
    if (next !== state) return next;
    await setImmediate();
  }
}

const fail = (error: unknown): never => {
  throw error;
};

describe("the groups of a replica", () => {
  it("are compacted when that is due, with all that changed meanwhile", async () => {
    const compactor = createGroupCompactor(fail);
    const calm = advance(first(), many.slice(1));
    assert.equal(compactor.settle(calm), calm);
    const due = advance(calm, [many[0] as EntityChange]);
    assert.equal(due.snapshot.groups.compactionDue, true);
    assert.equal(compactor.settle(due), due);
    const newest = advance(due, [change("bot:b7", undefined), change(undefined, "bot:late")]);
    const described = describeState(newest);
    const compacted = await settled(compactor, newest);
    assert.equal(compacted.snapshot.groups.compactionDue, false);
    assert.deepEqual(describeState(compacted), described);
    for (const [text, isIn] of [
      ["user:ANN@x.com", true],
      ["bot:b6", true],
      ["bot:b7", false],
      ["bot:late", true],
    ] as const) {
      assert.equal(compacted.snapshot.authDb.isMember(id(text), "team"), isIn, text);
      assert.equal(newest.snapshot.authDb.isMember(id(text), "team"), isIn, text);
    }
    assert.equal(compactor.settle(compacted), compacted);
  });

  it("are left alone when others were loaded meanwhile, and compacted when it is due for these", async () => {
    const compactor = createGroupCompactor(fail);
    compactor.settle(advance(first(), many));
    const loaded = advance(first(), many);
    const compacted = await settled(compactor, loaded);
    assert.deepEqual(describeState(compacted), describeState(loaded));
  });

  it("are not compacted any more once that was closed", async () => {
    const compactor = createGroupCompactor(fail);
    const due = advance(first(), many);
    compactor.settle(due);
    compactor.close();
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
    assert.equal(compactor.settle(due), due);
    assert.equal(due.snapshot.groups.compactionDue, true);
  });
});
