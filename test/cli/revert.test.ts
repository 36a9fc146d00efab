import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { everyEffectShown } from "./support/effects.ts";
import { startLog } from "./support/fake-log.ts";

const world = await startLog();
const { fleetgate } = world;

describe("fleetgate revert", () => {
  const counts = "+2 group_member, -1 group_member, ~3 pool";

  it("undoes a change and says what it did", async () => {
    const result = await fleetgate("revert", "42", "--reason", "r");
    const { requestId, ...others } = world.reverted as { requestId: string };
    assert.deepEqual(others, { revision: "42", reason: "r" });
    assert.match(requestId, /^[0-9a-f-]{36}$/);
    assert.equal(result.code, 0);
    assert.equal(result.stdout, `reverted revision 42: ${counts}\nrevision token: AQ\n`);
  });

  it("only tells the effects with --dry-run", async () => {
    const { stdout } = await fleetgate("revert", "42", "--dry-run");
    assert.deepEqual(world.reverted, { revision: "42", validateOnly: true });
    const lines = [`would revert revision 42: ${counts}`, ...everyEffectShown];
    assert.deepEqual(stdout.trimEnd().split("\n"), lines);
  });

  for (const [conflict, hint] of [
    [{ kind: "pool", key: "p", by: "17" }, "revert 17 first, or make the change by hand"],
    [{ kind: "api_key", key: "k", by: "" }, "`fleetgate key revoke` ends a key"],
    [{ kind: "", key: "", by: "" }, "make the change by hand, as far as it is still meant"],
    [{ by: "\u001b[2J" }, "make the change by hand, as far as it is still meant"],
  ] as const) {
    it(`ends with 4 and a way out when something stands in the way: ${hint}`, async () => {
      world.conflict = conflict;
      const { code, stderr } = await fleetgate("revert", "13");
      assert.equal(code, 4);
      assert.equal(stderr, `error: in the way\nreason: REVERT_CONFLICT\nhint: ${hint}\n`);
    });
  }
});
