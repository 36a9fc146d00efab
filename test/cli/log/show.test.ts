import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startLog } from "../support/fake-log.ts";

const world = await startLog();
const { fleetgate } = world;

describe("fleetgate log show", () => {
  it("shows a change with all its pages, field by field", async () => {
    assert.deepEqual(await fleetgate("log", "show", "42"), {
      code: 0,
      stderr: "",
      stdout: [
        "revision 42",
        "time: 2030-01-02T03:04:05Z",
        "author: user:ann@example.com",
        "source: main",
        "reason: a\\u000ab",
        '~ binding ["a:b","role/r"]',
        "    - principals: bot:c",
        "    + principals: group:g",
        "    + principals: bot:b",
        "+ group_member devs user:ann@example.com",
        '    + member: "user:Ann@example.com"',
        "- group_glob devs bot:*  (a person was erased from it)",
        "~ pool p",
        '    - realm: "a:b"',
        '    + realm: "a:c"',
        "",
      ].join("\n"),
    });
    assert.deepEqual(world.shown, [
      { revision: 42n, group: "", pageToken: "" },
      { revision: 42n, group: "", pageToken: "next" },
    ]);
  });

  it("asks about one group, and says when its items are kept no more", async () => {
    world.isPruned = true;
    const { stdout, stderr } = await fleetgate("log", "show", "7", "--group", "devs");
    world.isPruned = false;
    assert.match(stdout, /^revision 7\n/);
    assert.match(stderr, /kept no more/);
    assert.deepEqual(world.shown[0], { revision: 7n, group: "devs", pageToken: "" });
  });

  it("says that a change has nothing to show", async () => {
    const { stdout, stderr } = await fleetgate("log", "show", "14");
    assert.match(stdout, /^revision 14\n/);
    assert.equal(stderr, "it changed no entity\n");
  });

  it("prints one message with --json", async () => {
    const { stdout } = await fleetgate("log", "show", "42", "--json");
    const whole = JSON.parse(stdout) as { change: object; items: object[]; nextPageToken?: string };
    assert.deepEqual([whole.items.length, whole.nextPageToken], [4, undefined]);
  });

  it("ends with 2 for what is no revision", async () => {
    for (const text of ["", "0", "x", "1.5", "99999999999999999999"]) {
      assert.equal((await fleetgate("log", "show", text)).code, 2);
    }
    assert.deepEqual(world.shown, []);
  });
});
