import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startLog } from "../support/fake-log.ts";

const world = await startLog();
const { fleetgate } = world;

describe("fleetgate log verify", () => {
  it("ends with 4 when the log ends before the first revision to verify", async () => {
    const { code, stdout, stderr } = await fleetgate("log", "verify", "--from", "10");
    assert.deepEqual([code, stdout], [4, "there are no changes to verify\n"]);
    assert.equal(stderr, "nothing was verified: the log ends before revision 10\n");
    assert.equal((await fleetgate("log", "verify", "--from", "10", "--json")).code, 4);
    world.isEmptyLog = true;
    assert.equal((await fleetgate("log", "verify")).code, 0, "a log without a change is whole");
    world.isEmptyLog = false;
  });

  it("ends with 0 when the chain holds", async () => {
    assert.deepEqual(await fleetgate("log", "verify", "--from", "3", "--to", "9"), {
      code: 0,
      stderr: "",
      stdout: [
        "the chain holds over revisions 1 to 9: 9 changes and 1 item",
        "2 changes without items: they are kept no more",
        "1 item erased: nobody can tell what they held",
        "2 changes with a person erased: no hash vouches for author and reason",
        "",
      ].join("\n"),
    });
    assert.deepEqual([world.verified?.firstRevision, world.verified?.lastRevision], [3n, 9n]);
    await fleetgate("log", "verify");
    assert.deepEqual([world.verified?.firstRevision, world.verified?.lastRevision], [0n, 0n]);
  });

  it("ends with 4 when it does not, and names the faults", async () => {
    world.faults = [{ revision: 5n, message: "the hash of an item does not fit" }];
    const { code, stdout } = await fleetgate("log", "verify");
    const json = await fleetgate("log", "verify", "--json");
    assert.deepEqual([code, json.code], [4, 4]);
    assert.match(stdout, /^revision 5: the hash of an item does not fit\nthe chain does NOT hold/);
    assert.equal((JSON.parse(json.stdout) as { faults: unknown[] }).faults.length, 1);
    world.faults = Array.from({ length: 100 }, () => ({ revision: 5n, message: "m" }));
    assert.match((await fleetgate("log", "verify")).stdout, /there may be more/);
    world.faults = [];
  });
});
