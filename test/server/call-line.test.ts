import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { pino, stdTimeFunctions } from "pino";
import type { CallRecord } from "../../src/rpc/call.ts";
import { plainCallLine } from "../../src/server/call-line.ts";
import { createCallLog } from "../../src/server/call-log.ts";
import { redactLine } from "../../src/server/log-redaction.ts";
import { callRecord, deniedRecord } from "./support/call-record.ts";
import { memoryLog } from "./support/memory-log.ts";
import { redactPlainly } from "./support/plain-redaction.ts";

const token = `fg1_ak_${"a".repeat(16)}_${"b".repeat(43)}_abcdef`;
const secrets = [
  token,
  `Bearer ${"x".repeat(12)}`,
  "basic  eDp5eDp5eDp5",
  `eyJ${"h".repeat(9)}.e30.c2ln`,
  "postgres://me:hunter2@db/x",
  "password=hunter2",
  "PWD: hunter2",
  "service:secret:hunter2",
  '"clientSecret":"hunter2"',
  "authorization",
  "Cookie",
];
const odd = [
  "\n",
  "\u001b[2J",
  "\u202e",
  '"',
  "\\",
  "é",
  "漢",
  "\u007f",
  "\ud800",
  "<b>",
  "\u212a",
];
const some = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom("user:ann@example.com", "swarming.pools.listBots", "") },
  { weight: 2, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.constantFrom(...secrets, ...odd) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 1, arbitrary: fc.nat(2100).map((length) => "y".repeat(length)) },
);
const texts = fc.array(some, { maxLength: 2 }).map((parts) => parts.join(""));
const records: fc.Arbitrary<CallRecord> = fc
  .record({
    method: fc.constantFrom("fleetgate.acl.v1.AclService/CheckPoolPerm", "unknown"),
    protocol: fc.constantFrom("grpc" as const, "connect" as const, "grpc-web" as const),
    code: fc.constantFrom("ok", "permission_denied", "internal", "unauthenticated"),
    reason: fc.constantFrom("", "", "PERMISSION_DENIED", "CHECK_UNAVAILABLE"),
    ms: fc.oneof(fc.double(), fc.double({ min: 0, max: 10, noNaN: true }), fc.constant(0)),
    requestId: fc.oneof(fc.uuid(), texts),
    peer: texts,
    credential: texts,
    caller: texts,
    permission: texts,
    message: texts,
    cause: fc.constantFrom(undefined, undefined, undefined, new Error("why")),
  })
  .map(callRecord);

function visibleBySpec(text: string, maxLength = 512): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
  return cut.replace(
    /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The line as pino writes it, and the redaction after it. */
function lineBySpec(level: "info" | "warn" | "error", record: CallRecord, message: string): string {
  let line = "";
  const log = pino(
    {
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (text: string) => void (line += text) },
  );
  const fields: Record<string, unknown> = {
    rpc: visibleBySpec(record.method),
    protocol: record.protocol,
    code: record.code,
    reason: visibleBySpec(record.reason),
    ms: Math.round(record.ms * 1000) / 1000,
    request_id: visibleBySpec(record.requestId),
    peer: visibleBySpec(record.peer),
    credential: visibleBySpec(record.credential),
    caller: visibleBySpec(record.caller),
    permission: visibleBySpec(record.permission),
    error: visibleBySpec(record.message, 2000),
  };
  for (const name of ["reason", "peer", "credential", "caller", "permission", "error"]) {
    if (fields[name] === "") delete fields[name];
  }
  log[level](fields, message);
  return redactPlainly(line);
}

describe("the line of a call, made without the log", () => {
  it("is to the byte the line that the log would write, whatever is in it", (t) => {
    t.mock.timers.enable({ apis: ["Date"] });
    let made = 0;
    fc.assert(
      fc.property(records, fc.constantFrom("info", "warn", "error"), (record, level) => {
        const line = plainCallLine(level, record, "call");
        if (line === undefined) return;
        made += 1;
        assert.equal(line, lineBySpec(level, record, "call"));
      }),
      { numRuns: 2000 },
    );
    assert.ok(made > 100, String(made));
  });

  it("is what a log of every call has, made this way or the other", (t) => {
    t.mock.timers.enable({ apis: ["Date"] });
    fc.assert(
      fc.property(
        records.filter(({ cause }) => cause === undefined),
        (record) => {
          const { log, text } = memoryLog();
          const calls = createCallLog(log, { everyCall: true });
          calls.logCall(record);
          calls.close();
          const { level, msg } = JSON.parse(text()) as { level: "info"; msg: string };
          assert.equal(text(), lineBySpec(level, record, msg));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is made for the calls of every day, permitted and denied", (t) => {
    t.mock.timers.enable({ apis: ["Date"] });
    for (const record of [callRecord(), deniedRecord()]) {
      assert.equal(plainCallLine("info", record, "call"), lineBySpec("info", record, "call"));
    }
  });

  it("is never made of what may hold a secret or look like another line", () => {
    for (const field of ["requestId", "peer", "credential", "caller", "permission", "message"]) {
      for (const text of [...secrets, "a\nb", "\u202e", "\u001b[2J"]) {
        assert.equal(
          plainCallLine("info", callRecord({ [field]: `x ${text}` }), "call"),
          undefined,
        );
      }
    }
    assert.equal(plainCallLine("info", callRecord({ cause: new Error("x") }), "call"), undefined);
    assert.equal(plainCallLine("info", callRecord({ ms: NaN }), "call"), undefined);
  });

  it("tells the time at which it is made", (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_750_000_000_123 });
    const timeOf = () => JSON.parse(plainCallLine("info", callRecord(), "call") ?? "") as unknown;
    assert.equal((timeOf() as { time: string }).time, "2025-06-15T15:06:40.123Z");
    t.mock.timers.tick(1);
    assert.equal((timeOf() as { time: string }).time, "2025-06-15T15:06:40.124Z");
  });
});

describe("the look for traces of a secret", () => {
  it("misses nothing that is taken out", () => {
    const parts = fc.constantFrom(
      ...'fg1_ fg2 _ak_ aaaaaaaaaaaaaaaa _b eyJ . bearer BASIC :// a:// : @ = password Passwd pwd SECRET token cookie x xxxxxxxxx \\ " , " ":" { }'.split(
        " ",
      ),
      " ",
      "\n",
      "ſ",
      "K",
    );
    const lines = fc.array(parts, { maxLength: 12 }).map((list) => list.join(""));
    fc.assert(
      fc.property(lines, (line) => {
        assert.equal(redactLine(line), redactPlainly(line));
      }),
      { numRuns: 3000 },
    );
  });
});
