import type { Kysely, Transaction } from "kysely";
import type { Database } from "./schema.ts";

/** Which database a process uses: a Postgres server by URL, or one of its own in a directory. */
export type DatabaseChoice =
  | { readonly kind: "postgres"; readonly url: string }
  | { readonly kind: "embedded"; readonly directory: string };

/** A pool of connections or one transaction: what a query needs. */
export type Db = Kysely<Database>;

/** One transaction. */
export type Tx = Transaction<Database>;

/** A row of a session: column names to values. */
export type SessionRow = Readonly<Record<string, unknown>>;

/** Runs one text of SQL, of any number of statements, and gives the rows of the last one. */
export type RunSql = (sql: string) => Promise<readonly SessionRow[]>;

/** An open database. Its methods and queries reject with raw errors: translateStorageError explains them. */
export interface Storage {
  readonly kind: DatabaseChoice["kind"];
  /** The host and database name, or the directory. Never a secret. */
  readonly description: string;
  /** The version of the server, as it says itself. */
  readonly serverVersion: string;
  readonly db: Db;
  /** Runs one text of SQL, of any number of statements and without parameters. */
  readonly exec: (sql: string) => Promise<void>;
  /** Runs texts of SQL on one connection, outside the pool and without a time limit: for migrations. */
  readonly session: <T>(use: (run: RunSql) => Promise<T>) => Promise<T>;
  /** Ends all connections; idempotent. */
  readonly close: () => Promise<void>;
}

/** The bounds of a Postgres connection pool. */
export interface StorageOptions {
  /** Connections at most; 10 unless set. */
  readonly poolSize?: number;
  /** Milliseconds to wait for a connection; 5,000 unless set. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds that one statement may take; 30,000 unless set. */
  readonly statementTimeoutMs?: number;
  /** Told of connections that broke while idle; the pool has replaced them already. */
  readonly onIdleError?: (error: unknown) => void;
}
