import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCallLog } from "../../src/server/call-log.ts";
import { callRecord, deniedRecord } from "./support/call-record.ts";
import { memoryLog } from "./support/memory-log.ts";

function setUp(everyCall: boolean) {
  const memory = memoryLog();
  return { ...memory, calls: createCallLog(memory.log, { everyCall }) };
}

describe("createCallLog", () => {
  it("writes denials and errors, and not what was permitted", (t) => {
    const { calls, lines } = setUp(false);
    t.after(() => calls.close());
    calls.logCall(callRecord());
    calls.logCall(deniedRecord());
    calls.logCall(
      callRecord({ code: "internal", reason: "INTERNAL_FAULT", cause: new Error("disk") }),
    );
    calls.logCall(callRecord({ code: "unavailable", reason: "STORAGE_UNAVAILABLE" }));
    assert.deepEqual(
      lines().map(({ level, msg, code }) => [level, msg, code]),
      [
        ["info", "call denied", "permission_denied"],
        ["error", "call failed", "internal"],
        ["warn", "call failed", "unavailable"],
      ],
    );
    const { time: _, ...denied } = lines()[0] ?? {};
    assert.deepEqual(denied, {
      level: "info",
      rpc: "fleetgate.acl.v1.AclService/CheckPoolPerm",
      protocol: "grpc",
      code: "permission_denied",
      reason: "PERMISSION_DENIED",
      ms: 1.235,
      request_id: "r1",
      peer: "service:scheduler",
      credential: "api_key 0123456789abcdef",
      caller: "user:ann@example.com",
      permission: "swarming.pools.listBots",
      error: 'caller "user:ann@example.com" has no permission',
      msg: "call denied",
    });
    assert.equal((lines()[1]?.["err"] as { message?: string } | undefined)?.message, "disk");
  });

  // What a peer can bring about whenever it likes is never an error of ours.
  for (const [code, reason, level] of [
    ["internal", "CHECK_UNAVAILABLE", "error"],
    ["internal", "INTERNAL_FAULT", "error"],
    ["internal", "FRESHNESS_NOT_REACHED", "warn"],
    ["unavailable", "STORAGE_UNAVAILABLE", "warn"],
    ["resource_exhausted", "LIMIT_EXCEEDED", "warn"],
    ["internal", "", "warn"],
    ["data_loss", "", "warn"],
    ["resource_exhausted", "", "warn"],
    ["deadline_exceeded", "", "warn"],
    ["unknown", "", "info"],
    ["unimplemented", "", "info"],
    ["unauthenticated", "CREDENTIAL_REQUIRED", "info"],
    ["failed_precondition", "REVISION_TOKEN_FOREIGN", "info"],
  ] as const) {
    it(`writes ${code} ${reason === "" ? "without a reason" : reason} as ${level}`, (t) => {
      const { calls, lines } = setUp(false);
      t.after(() => calls.close());
      calls.logCall(callRecord({ code, reason, message: "no", cause: new Error("why") }));
      assert.deepEqual(
        lines().map((line) => [line["level"], line["msg"]]),
        [[level, "call failed"]],
      );
    });
  }

  it("writes why a check of a batch could not be made, although the call went well", (t) => {
    const { calls, lines } = setUp(false);
    t.after(() => calls.close());
    calls.logCall(callRecord({ cause: new Error("bug") }));
    assert.deepEqual(
      lines().map(({ level, msg }) => [level, msg]),
      [["error", "a check of a batch could not be made"]],
    );
  });

  it("writes every call when told so, and then leaves none out", (t) => {
    const { calls, lines } = setUp(true);
    t.after(() => calls.close());
    for (let count = 0; count < 100; count += 1) calls.logCall(callRecord());
    for (let count = 0; count < 100; count += 1) calls.logCall(deniedRecord());
    assert.equal(lines().length, 200);
  });

  it("bounds the lines of one kind in a second and counts the rest", (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const { calls, lines } = setUp(false);
    for (let count = 0; count < 1000; count += 1) {
      calls.logCall(deniedRecord({ caller: `user:u${count}@example.com` }));
    }
    calls.logCall(callRecord({ code: "internal", reason: "INTERNAL_FAULT" }));
    const written = lines().length;
    assert.ok(written < 100, String(written));
    assert.equal(lines().at(-1)?.["code"], "internal");
    t.mock.timers.tick(1000);
    const { suppressed, of } = lines().at(-1) ?? {};
    assert.equal(suppressed, 1000 - (written - 1));
    assert.match(String(of), /CheckPoolPerm permission_denied/);
    calls.logCall(deniedRecord());
    assert.equal(lines().at(-1)?.["msg"], "call denied");
    calls.close();
  });

  it("keeps callers of any length and any characters to one readable line", (t) => {
    const { calls, text, lines } = setUp(false);
    t.after(() => calls.close());
    calls.logCall(
      deniedRecord({
        caller: `user:\n\u202e\u001b[2J${"x".repeat(1_000_000)}`,
        message: "y".repeat(1_000_000),
      }),
    );
    assert.equal(lines().length, 1);
    assert.ok(text().length < 5000);
    assert.match(String(lines()[0]?.["caller"]), /^user:\\u\{a\}\\u\{202e\}\\u\{1b\}\[2J/);
  });
});
