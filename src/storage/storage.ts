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

/** What a watcher tells. None of these may throw. */
export interface WatchEvents {
  /**
   * Somebody may have committed something: told for each notification, and each time that the watcher begins
   * to listen, since what was told before that did not arrive. It may come late, twice, or for nothing. Undefined: on any of the channels.
   */
  readonly onSignal: (channel?: string) => void;
  /** Nothing arrives any more, and the watcher tries to listen again; told once, until `onRestored`. */
  readonly onLost?: (error: unknown) => void;
  /** The watcher listens again after `onLost`. */
  readonly onRestored?: () => void;
}

/** Listens for what others commit. */
export interface Watcher {
  /** Stops listening: no event is told any more. Resolves when its connection is gone; idempotent. */
  readonly close: () => Promise<void>;
}

/**
 * For how many milliseconds the database may be silent on a quick read. With a poll each second, a connection at
 * whose other end nobody answers is noticed within 3 seconds.
 */
export const quickTimeoutMs = 1_900;

/** An open database. Its methods and queries reject with raw errors: translateStorageError explains them. */
export interface Storage {
  readonly kind: DatabaseChoice["kind"];
  /** The host and database name, or the directory. Never a secret. */
  readonly description: string;
  /** The version of the server, as it says itself; empty when it was not asked. */
  readonly serverVersion: string;
  readonly db: Db;
  /**
   * Runs a short read that ends after `timeoutMs` (`quickTimeoutMs` unless set), connecting included, and earlier
   * when nothing of an answer came for `quickTimeoutMs`: it then fails with a ConnectionError, its connection is
   * thrown away, and so is every other one, once it is idle, that has not answered since. Has two connections of
   * its own, so that it waits for other quick reads only. `use` must not go on after its promise. The embedded
   * database runs it without a limit.
   */
  readonly quick: <T>(use: (db: Db) => Promise<T>, timeoutMs?: number) => Promise<T>;
  /**
   * Listens on channels of Postgres, on a connection of its own that it makes anew whenever it is lost. Where
   * notifications do not get through (a pooler), nothing else fails: whoever watches must look by itself now
   * and then. The embedded database tells nothing: one process is all that writes to it.
   */
  readonly watch: (channels: string | readonly string[], events: WatchEvents) => Watcher;
  /** Runs one text of SQL, of any number of statements and without parameters. */
  readonly exec: (sql: string) => Promise<void>;
  /** Runs texts of SQL on one connection, outside the pool and without a time limit: for migrations. */
  readonly session: <T>(use: (run: RunSql) => Promise<T>) => Promise<T>;
  /** Ends all connections, those of watchers too; idempotent. */
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
  /** Whether to open a Postgres without asking it for anything: it may be down. Its version is then unknown. */
  readonly unasked?: boolean;
  /**
   * Judges each new connection of a pool of Postgres before it is lent, by short reads on it: while this rejects, every
   * query fails with a ConnectionError. The embedded database does not ask.
   */
  readonly admit?: (run: RunSql) => Promise<void>;
}
