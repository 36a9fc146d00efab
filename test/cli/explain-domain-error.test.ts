import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { explainDomainError } from "../../src/cli/explain-domain-error.ts";
import type { Io } from "../../src/cli/io.ts";
import { DomainError } from "../../src/domain/errors.ts";

function explain(cause: unknown, databaseUrl?: string): string {
  const io = { env: { DATABASE_URL: databaseUrl } } as unknown as Io;
  return explainDomainError(new DomainError("INTERNAL_FAULT", "internal", {}, { cause }), io)
    .message;
}

describe("explainDomainError", () => {
  it("tells the innermost cause", () => {
    assert.equal(explain(new Error("outer", { cause: new Error("inner") })), "internal: inner");
    assert.equal(explain(undefined), "internal");
    const loop = new Error("loop");
    loop.cause = loop;
    assert.equal(explain(loop), "internal: loop");
  });

  it("keeps a cause that repeats the password of the database, plain or escaped, to itself", () => {
    const url = "postgres://ann:p%40ss@h/d";
    assert.equal(explain(new Error("bad p@ss"), url), "internal");
    assert.equal(explain(new Error("bad p%40ss"), url), "internal");
    assert.equal(explain(new Error("bad luck"), url), "internal: bad luck");
  });

  it("says which role to take when the database refuses the one that asks", () => {
    const refused = Object.assign(new Error("permission denied for table change_item"), {
      code: "42501",
    });
    const error = new DomainError("INTERNAL_FAULT", "internal", {}, { cause: refused });
    const { hint } = explainDomainError(error, { env: {} } as unknown as Io);
    assert.match(hint ?? "", /want the role that owns the tables/);
  });
});
