import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { DatabaseError } from "pg";
import { DomainError, type Reason } from "../../src/domain/errors.ts";
import { ConnectionError } from "../../src/storage/connection-error.ts";
import type { Storage } from "../../src/storage/database.ts";
import { EmbeddedDatabaseError } from "../../src/storage/embedded/client.ts";
import { isRetryable, translateStorageError } from "../../src/storage/errors.ts";
import { inWriteTransaction } from "../../src/storage/transaction.ts";
import { forEachBackend } from "../support/database.ts";

const messages: Partial<Record<Reason, string>> = {
  STORAGE_UNAVAILABLE: "the database does not answer",
  WRITE_CONFLICT: "other writes got in the way; try again",
  INTERNAL_FAULT: "internal error",
};

// Every class of SQLSTATE in the appendix "PostgreSQL Error Codes", with a code of it.
const reasonsByState: Readonly<Record<string, Reason>> = {
  "00000": "INTERNAL_FAULT",
  "01000": "INTERNAL_FAULT",
  "02000": "INTERNAL_FAULT",
  "03000": "INTERNAL_FAULT",
  "08000": "STORAGE_UNAVAILABLE",
  "08001": "STORAGE_UNAVAILABLE",
  "08003": "STORAGE_UNAVAILABLE",
  "08006": "STORAGE_UNAVAILABLE",
  "08P01": "STORAGE_UNAVAILABLE",
  "09000": "INTERNAL_FAULT",
  "0A000": "INTERNAL_FAULT",
  "0B000": "INTERNAL_FAULT",
  "0F000": "INTERNAL_FAULT",
  "0L000": "INTERNAL_FAULT",
  "0P000": "INTERNAL_FAULT",
  "0Z000": "INTERNAL_FAULT",
  "10608": "INTERNAL_FAULT",
  "20000": "INTERNAL_FAULT",
  "21000": "INTERNAL_FAULT",
  "22021": "INTERNAL_FAULT",
  "23503": "INTERNAL_FAULT",
  "23505": "INTERNAL_FAULT",
  "24000": "INTERNAL_FAULT",
  "25000": "INTERNAL_FAULT",
  "25006": "STORAGE_UNAVAILABLE",
  "25P02": "INTERNAL_FAULT",
  "25P03": "STORAGE_UNAVAILABLE",
  "25P04": "STORAGE_UNAVAILABLE",
  "26000": "INTERNAL_FAULT",
  "27000": "INTERNAL_FAULT",
  "28000": "STORAGE_UNAVAILABLE",
  "28P01": "STORAGE_UNAVAILABLE",
  "2B000": "INTERNAL_FAULT",
  "2D000": "INTERNAL_FAULT",
  "2F000": "INTERNAL_FAULT",
  "34000": "INTERNAL_FAULT",
  "38000": "INTERNAL_FAULT",
  "39000": "INTERNAL_FAULT",
  "3B000": "INTERNAL_FAULT",
  "3D000": "STORAGE_UNAVAILABLE",
  "3F000": "INTERNAL_FAULT",
  "40000": "INTERNAL_FAULT",
  "40001": "WRITE_CONFLICT",
  "40003": "STORAGE_UNAVAILABLE",
  "40P01": "WRITE_CONFLICT",
  "42P01": "INTERNAL_FAULT",
  "42501": "INTERNAL_FAULT",
  "44000": "INTERNAL_FAULT",
  "53000": "STORAGE_UNAVAILABLE",
  "53100": "STORAGE_UNAVAILABLE",
  "53200": "STORAGE_UNAVAILABLE",
  "53300": "STORAGE_UNAVAILABLE",
  "54000": "INTERNAL_FAULT",
  "55000": "INTERNAL_FAULT",
  "55P03": "WRITE_CONFLICT",
  "57000": "STORAGE_UNAVAILABLE",
  "57014": "STORAGE_UNAVAILABLE",
  "57P01": "STORAGE_UNAVAILABLE",
  "57P02": "STORAGE_UNAVAILABLE",
  "57P03": "STORAGE_UNAVAILABLE",
  "57P04": "STORAGE_UNAVAILABLE",
  "57P05": "STORAGE_UNAVAILABLE",
  "58030": "INTERNAL_FAULT",
  "72000": "INTERNAL_FAULT",
  F0000: "INTERNAL_FAULT",
  HV000: "INTERNAL_FAULT",
  P0001: "INTERNAL_FAULT",
  XX000: "INTERNAL_FAULT",
  XX001: "INTERNAL_FAULT",
};

function check(error: unknown, reason: Reason): void {
  const translated = translateStorageError(error);
  assert.equal(translated.reason, reason, String(error));
  assert.equal(translated.message, messages[reason]);
  assert.deepEqual(translated.metadata, {});
  assert.equal(translated.cause, error);
}

function withCode(code: string, fields: object = {}): Error {
  return Object.assign(new Error(`secret words with ${code}`), { code, ...fields });
}

describe("translateStorageError", () => {
  for (const [state, reason] of Object.entries(reasonsByState)) {
    test(`makes ${reason} of SQLSTATE ${state}`, () => {
      const error = new DatabaseError("secret words", 1, "error");
      error.code = state;
      error.detail = "Key (name)=(secret) already exists.";
      check(error, reason);
      const fault = {
        message: "secret words",
        code: state,
        detail: undefined,
        constraint: undefined,
      };
      check(new EmbeddedDatabaseError(fault), reason);
      assert.equal(isRetryable(error), reason === "WRITE_CONFLICT");
    });
  }

  test("makes STORAGE_UNAVAILABLE of every failure of a socket, a name or a connection", () => {
    const sockets = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"];
    for (const code of [...sockets, "EHOSTUNREACH", "ENETUNREACH", "EMFILE"]) {
      check(withCode(code), "STORAGE_UNAVAILABLE");
      check(new AggregateError([withCode(code)]), "STORAGE_UNAVAILABLE");
    }
    check(withCode("ENOENT", { syscall: "connect" }), "STORAGE_UNAVAILABLE");
    check(new ConnectionError("x", { cause: withCode("CERT_HAS_EXPIRED") }), "STORAGE_UNAVAILABLE");
    for (const words of [
      "Connection terminated unexpectedly",
      "Connection terminated due to connection timeout",
      "Client has encountered a connection error and is not queryable",
      "Client was closed and is not queryable",
      "timeout expired",
      "timeout exceeded when trying to connect",
      "Query read timeout",
      "Cannot use a pool after calling end on the pool",
    ]) {
      check(new Error(words), "STORAGE_UNAVAILABLE");
    }
  });

  test("makes INTERNAL_FAULT of everything else", () => {
    for (const error of [
      new TypeError("x"),
      withCode("ENOENT"),
      withCode("ERR_X"),
      "text",
      undefined,
    ]) {
      check(error, "INTERNAL_FAULT");
    }
  });

  test("leaves a DomainError as it is", () => {
    const error = new DomainError("NOT_FOUND", "x");
    assert.equal(translateStorageError(error), error);
  });
});

forEachBackend((_name, open) => {
  let storage: Storage;
  before(async () => {
    storage = await open();
  });

  describe("translateStorageError", () => {
    const real: readonly (readonly [string, Reason])[] = [
      ["select 1 / 0", "INTERNAL_FAULT"],
      ["select from nowhere", "INTERNAL_FAULT"],
      ["insert into database default values", "INTERNAL_FAULT"],
      ["insert into group_glob values ('none', 'x')", "INTERNAL_FAULT"],
      ["do $$ begin raise exception 'x' using errcode = '40001'; end $$", "WRITE_CONFLICT"],
      ["do $$ begin raise exception 'x' using errcode = '53100'; end $$", "STORAGE_UNAVAILABLE"],
    ];
    for (const [sql, reason] of real) {
      test(`makes ${reason} of what "${sql}" throws`, async () => {
        await assert.rejects(storage.exec(sql), (error) => {
          check(error, reason);
          return true;
        });
      });
    }
  });

  describe("inWriteTransaction", () => {
    test("tries again after a conflict, and gives up after a few", async () => {
      let tries = 0;
      const result = await inWriteTransaction(storage, () => {
        tries += 1;
        return tries < 3 ? Promise.reject(withCode("40001")) : Promise.resolve("done");
      });
      assert.deepEqual([result, tries], ["done", 3]);
      tries = 0;
      const hopeless = inWriteTransaction(storage, () => {
        tries += 1;
        return Promise.reject(withCode("40P01"));
      });
      await assert.rejects(hopeless, { reason: "WRITE_CONFLICT" });
      assert.equal(tries, 5);
    });

    test("does not try again after anything else", async () => {
      let tries = 0;
      const failing = inWriteTransaction(storage, () => {
        tries += 1;
        return Promise.reject(withCode("ECONNRESET"));
      });
      await assert.rejects(failing, { reason: "STORAGE_UNAVAILABLE" });
      assert.equal(tries, 1);
    });

    test("commits nothing when a failed statement was ignored", async () => {
      const ignoring = inWriteTransaction(storage, async (tx) => {
        await tx.updateTable("database").set({ revision: 99n }).execute();
        await tx
          .insertInto("source")
          .values({ name: "x", revision: 12n })
          .execute()
          .catch(() => 0);
      });
      await assert.rejects(ignoring, { reason: "INTERNAL_FAULT" });
      const row = await storage.db.selectFrom("database").select("revision").executeTakeFirst();
      assert.equal(row?.revision, 0n);
    });
  });
});
