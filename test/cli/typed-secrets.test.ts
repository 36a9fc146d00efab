import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatBearerToken } from "../../src/domain/bearer-token.ts";
import { runCli } from "./support/run-cli.ts";

const id = "i".repeat(16);
const secret = "s".repeat(43);
const token = formatBearerToken({ kind: "cl", id, secret });
const mac = "m".repeat(43);

describe("a secret typed on the command line", () => {
  const lines: readonly (readonly string[])[] = [
    ["claim", "present", "build-7", token],
    ["claim", "present", "build-7", "--token", token],
    ["claim", "present", "build-7", `--token=${token}`],
    ["claim", "present", "build-7", "--header-file", token],
    ["claim", "present", "build-7", "--header-file", `Authorization: Bearer ${token}`],
    ["claim", "present", "build-7", "--endpoint", token],
    ["claim", "present", "build-7", "--timeout", token],
    ["runner", "enroll", "--system-id", "s1", "--header-file", token.slice(0, -3)],
    [token],
    ["url", "verify", `fgu1.k1.cGF5bG9hZA.${mac}`],
  ];
  for (const line of lines) {
    it(`comes back in no error, and is said to be seen: ${line.join(" ").slice(0, 50)}`, async () => {
      for (const args of [line, [...line, "--json"]]) {
        const { code, stdout, stderr } = await runCli(args);
        assert.equal(code, 2);
        assert.ok(!`${stdout}${stderr}`.includes(secret) && !`${stdout}${stderr}`.includes(mac));
        assert.match(stderr, /^warning: a credential stands on the command line/);
      }
    });
  }

  it("is told from what may stand there: ids of credentials and revision tokens", async () => {
    for (const word of [id, "fg1_cl_", "AUyySaZiYE7zs8eUEnCiAOgAAAAAAAAAAhXxBAJgTaXa"]) {
      const { stderr } = await runCli(["version", word]);
      assert.doesNotMatch(stderr, /warning/);
      assert.ok(stderr.includes(word));
    }
  });
});
