import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startFake } from "./support/fake-fleetgate.ts";
import { runCli } from "./support/run-cli.ts";

let age = "";
const outdated = await startFake({
  group: {
    listGroups: (_request, { responseHeader }) => {
      responseHeader.set("fleetgate-snapshot-age", age);
      return { groups: [{ name: "a" }], nextPageToken: "", revisionToken: "AQ" };
    },
  },
});

describe("a server that has not heard of its database for long", () => {
  for (const [told, warning] of [
    ["0", ""],
    ["29", ""],
    ["125", "warning: the server has not heard of its database for 125 s; this may be outdated\n"],
    ["\u00a0evil", ""],
  ] as const) {
    it(`is warned of from 30 seconds on: ${told}`, async () => {
      age = told;
      const listed = await runCli(["group", "list", "--json", "--endpoint", outdated.endpoint]);
      assert.deepEqual([listed.code, listed.stderr], [0, warning]);
      assert.doesNotThrow(() => JSON.parse(listed.stdout) as unknown);
    });
  }
});
