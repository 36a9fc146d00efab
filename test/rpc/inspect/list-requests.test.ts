import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bearer } from "../support/bench.ts";
import { openInspectBench } from "./support/inspect-bench.ts";
import { askOne, lists, permission, state } from "./support/inspect-lists.ts";
import { askers } from "./support/inspect-world.ts";

describe("lists of InspectService", () => {
  const bench = openInspectBench(state);

  const task = { taskId: "t", realm: "", pool: "", botId: "", submitter: "" };
  const malformed: readonly (readonly [number, Readonly<Record<string, unknown>>, string])[] = [
    [0, { identity: "?" }, "identity"],
    [1, {}, "permission"],
    [1, { permission: "x" }, "permission"],
    [1, { permission }, "place"],
    [1, { permission, place: { case: "server", value: false } }, "server"],
    [1, { permission, place: { case: "pool", value: "a:b" } }, "pool"],
    [1, { permission, place: { case: "realm", value: "acme" } }, "realm"],
    [1, { permission, place: { case: "botId", value: " " } }, "bot_id"],
    [1, { permission, place: { case: "task", value: task } }, "permission"],
    [
      1,
      {
        permission: "swarming.tasks.get",
        place: { case: "task", value: { ...task, submitter: "ann" } },
      },
      "task.submitter",
    ],
    [2, {}, "principal"],
    [2, { principal: { case: "identity", value: "ann@example.com" } }, "identity"],
    [2, { principal: { case: "glob", value: "*" } }, "glob"],
    [2, { principal: { case: "group", value: "Devs" } }, "group"],
  ];
  for (const [index, request, field] of malformed) {
    const list = lists[index] ?? assert.fail();
    it(`${list.method.name}: refuses ${JSON.stringify(request)} for its ${field}`, async () => {
      const reply = await askOne(bench(), list, request);
      assert.equal(reply.reason, "INVALID_FIELD");
      assert.equal(reply.metadata["field"], field);
    });
  }

  it("ListPrincipals: takes every place, and answers for it", async () => {
    const [, list] = lists;
    assert.ok(list);
    const places: readonly (readonly [string, unknown, string])[] = [
      ["server", true, "swarming.servers.peek"],
      ["pool", "ci", permission],
      ["realm", "acme:ci", permission],
      ["botId", "ci-1", permission],
      ["task", { ...task, submitter: "user:SUB@example.com" }, "swarming.tasks.get"],
    ];
    for (const [kind, value, asked] of places) {
      const reply = await askOne(bench(), list, {
        permission: asked,
        place: { case: kind, value },
      });
      const { principals } = reply.response as {
        readonly principals: readonly Readonly<Record<string, unknown>>[];
      };
      assert.ok(principals.length > 0, kind);
      if (kind === "task") {
        assert.ok(principals.some(({ submitter }) => submitter === "user:SUB@example.com"));
      }
    }
  });

  it("LookupPrincipal: says NOT_FOUND of a group that there is not, and only of groups", async () => {
    const [, , list] = lists;
    assert.ok(list);
    const missing = await askOne(bench(), list, { principal: { case: "group", value: "nobody" } });
    assert.equal(missing.reason, "NOT_FOUND");
    assert.deepEqual(missing.metadata, { kind: "group", name: "nobody" });
    for (const principal of [
      { case: "identity", value: "user:zoe@example.com" },
      { case: "glob", value: "user:*" },
    ]) {
      const reply = await askOne(bench(), list, { principal });
      assert.deepEqual(reply.response, { revisionToken: state.revisionToken });
    }
  });

  it("ListPermissions: about oneself goes by the spelling of the credential", async () => {
    const [list] = lists;
    assert.ok(list);
    const headers = bearer(askers.ann.token);
    const own = await askOne(bench(), list, {}, headers);
    const shouted = await askOne(bench(), list, { identity: "user:ANN@EXAMPLE.com" }, headers);
    assert.deepEqual(shouted.response, own.response);
    assert.equal((own.response as { totalSize: number }).totalSize, list.whole().length);
  });
});
