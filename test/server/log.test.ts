import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { formatBearerToken } from "../../src/domain/bearer-token.ts";
import { DomainError } from "../../src/domain/errors.ts";
import { memoryLog } from "./support/memory-log.ts";

const canary = randomBytes(32).toString("base64url");
const id = randomBytes(12).toString("base64url");
const token = formatBearerToken({ kind: "ak", id, secret: canary });

describe("createLog", () => {
  it("writes one JSON object a line, with the level as a word and the time in ISO 8601", () => {
    const { log, lines } = memoryLog();
    log.warn({ pool: "a\nb" }, "first");
    log.info("second");
    assert.deepEqual(
      lines().map(({ time, ...rest }) => ({ ...rest, time: typeof time })),
      [
        { level: "warn", pool: "a\nb", msg: "first", time: "string" },
        { level: "info", msg: "second", time: "string" },
      ],
    );
    assert.match(String(lines()[0]?.["time"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("leaves out lines below its level", () => {
    const { log, lines } = memoryLog("warn");
    log.info("no");
    log.error("yes");
    assert.equal(lines().length, 1);
  });

  const leaks: readonly (readonly [string, (log: ReturnType<typeof memoryLog>["log"]) => void])[] =
    [
      ["a field named authorization", (log) => log.info({ authorization: canary })],
      ["headers in a field", (log) => log.info({ headers: { Authorization: `Bearer ${canary}` } })],
      [
        "a field named like a secret",
        (log) => log.info({ deep: { er: { clientSecret: canary } } }),
      ],
      ["a list of objects", (log) => log.info({ keys: [{ apiToken: canary }] })],
      ["a password", (log) => log.info({ db_password: canary })],
      ["a child's binding", (log) => log.child({ token: canary }).info("hello")],
      ["a token in the message", (log) => log.info(`got ${token} from a peer`)],
      ["a JWT in the message", (log) => log.info(`got eyJhbGciOiJ9.e30.${canary} from a peer`)],
      ["a token in a value", (log) => log.info({ caller: token })],
      ["a token in an error", (log) => log.error({ err: new Error(`bad ${token}`) })],
      ["a token in a cause", (log) => log.error(new Error("a", { cause: new Error(token) }))],
      ["a URL with a password", (log) => log.info(`postgres://user:${canary}@host/db`)],
      [
        "a URL in an error of another field",
        (log) => log.info({ e: new Error(`x://u:${canary}@h`) }),
      ],
      ["a bearer header in a text", (log) => log.info(`authorization: Bearer ${canary}`)],
      ["password=...", (log) => log.info(`host=a password=${canary}`)],
      ["bytes", (log) => log.info({ bytes: Buffer.from(canary) })],
      ["a formatted message", (log) => log.info("connect to %s", `postgres://u:${canary}@h/db`)],
      [
        "the fields of a driver's error",
        (log) => log.error({ err: Object.assign(new Error("duplicate"), { detail: canary }) }),
      ],
    ];
  for (const [where, write] of leaks) {
    it(`keeps a secret out of ${where}`, () => {
      const { log, text, lines } = memoryLog();
      write(log);
      assert.equal(lines().length, 1);
      assert.ok(!text().includes(canary), text());
      assert.ok(!text().includes(Buffer.from(canary).toString("base64").slice(0, 20)), text());
    });
  }

  it("keeps what is no secret", () => {
    const { log, lines } = memoryLog();
    log.info({ url: "http://127.0.0.1:8080/a", id, count: 3n }, `key ${token}`);
    const [line] = lines();
    assert.equal(line?.["url"], "http://127.0.0.1:8080/a");
    assert.equal(line["count"], "3");
    assert.ok(String(line["msg"]).includes(id));
  });

  it("describes an error with its causes and codes", () => {
    const { log, lines } = memoryLog();
    const root = Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
    log.error({ err: new DomainError("STORAGE_UNAVAILABLE", "no", {}, { cause: root }) }, "failed");
    const err = lines()[0]?.["err"] as { code: string; cause: { code: string; message: string } };
    assert.equal(err.code, "STORAGE_UNAVAILABLE");
    assert.deepEqual([err.cause.code, err.cause.message], ["ECONNREFUSED", "gone"]);
  });

  it("survives causes that go in a circle, deep fields and huge messages", () => {
    const { log, text, lines } = memoryLog();
    const error = new Error("x".repeat(1_000_000));
    error.cause = error;
    let deep: Record<string, unknown> = { token: canary };
    for (let depth = 0; depth < 100; depth += 1) deep = { deep };
    log.error({ err: error, deep });
    assert.equal(lines().length, 1);
    assert.ok(text().length < 200_000);
    assert.ok(!text().includes(canary));
  });
});
