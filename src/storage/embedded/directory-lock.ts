import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { processStart } from "./process-start.ts";

/** Another process uses the directory of the embedded database. The message says the way out. */
export class EmbeddedLockedError extends Error {
  override readonly name = "EmbeddedLockedError";
  readonly directory: string;
  readonly pid: number;

  constructor(directory: string, owner: LockOwner, path: string) {
    const where = owner.host === hostname() ? "" : ` on ${owner.host}`;
    const wayOut =
      where === ""
        ? "stop it, or use DATABASE_URL for a database that many processes can share"
        : `stop it, or remove ${path} if it is gone; or use DATABASE_URL for a database that many processes can share`;
    super(
      `another process (pid ${owner.pid}${where}) uses the embedded database in ${directory}; ${wayOut}`,
    );
    this.directory = directory;
    this.pid = owner.pid;
  }
}

interface LockOwner {
  readonly pid: number;
  readonly start: string;
  readonly host: string;
}

/** A directory that this process may use alone. */
export interface DirectoryLock {
  /** Lets others in; idempotent. */
  readonly release: () => void;
}

/**
 * Locks a directory for this process. The lock of a process of this host that is dead is taken over; one
 * of another host never, as nobody here can tell. Throws EmbeddedLockedError.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, "fleetgate.lock");
  const owner: LockOwner = {
    pid: process.pid,
    start: processStart(process.pid) ?? "unknown",
    host: hostname(),
  };
  // A lock appears whole or not at all: it is written under another name first.
  const draft = join(
    directory,
    `fleetgate.lock.${owner.pid}.${Math.random().toString(36).slice(2)}`,
  );
  writeFileSync(draft, JSON.stringify(owner), { flag: "wx", mode: 0o600 });
  try {
    acquire(directory, path, draft);
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release: () => {
      if (isSame(readOwner(path), owner)) rmSync(path, { force: true });
    },
  };
}

function acquire(directory: string, path: string, draft: string): void {
  for (;;) {
    if (link(draft, path)) return;
    const holder = readOwner(path);
    // It went away in between.
    if (holder === undefined) continue;
    if (isInUse(holder)) throw new EmbeddedLockedError(directory, holder, path);
    if (takeOver(directory, path, draft, holder)) return;
  }
}

/**
 * Replaces the lock of a dead process. Only one process at a time may do so: it holds a second lock, under
 * which it looks again. False: somebody else was faster.
 */
function takeOver(directory: string, path: string, draft: string, dead: LockOwner): boolean {
  const claim = `${path}.takeover`;
  if (!link(draft, claim)) {
    const claimant = readOwner(claim);
    if (claimant === undefined) return false;
    if (isInUse(claimant)) throw new EmbeddedLockedError(directory, claimant, claim);
    rmSync(claim, { force: true });
    return false;
  }
  try {
    if (!isSame(readOwner(path), dead)) return false;
    renameSync(draft, path);
    return true;
  } finally {
    rmSync(claim, { force: true });
  }
}

function isInUse({ pid, start, host }: LockOwner): boolean {
  return host !== hostname() || processStart(pid) === start;
}

function isSame(left: LockOwner | undefined, right: LockOwner): boolean {
  return left?.pid === right.pid && left.start === right.start && left.host === right.host;
}

/** Undefined when there is no lock. One that cannot be read is nobody's, as locks appear whole. */
function readOwner(path: string): LockOwner | undefined {
  try {
    const { pid, start, host } = JSON.parse(readFileSync(path, "utf8")) as Partial<LockOwner>;
    if (typeof pid === "number" && typeof start === "string" && typeof host === "string") {
      return { pid, start, host };
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  }
  return { pid: 0, start: "", host: hostname() };
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}
