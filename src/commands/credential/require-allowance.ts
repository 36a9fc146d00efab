import type { Actor } from "../../credentials/deps.ts";
import { createAllowances, type Allowances } from "../../credentials/allowances.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Storage } from "../../storage/storage.ts";
import { writerOf } from "./writer-of.ts";

/**
 * How often one peer may write something about one bot, task or runner that is kept as rows for weeks, a process: a bot does it some times a minute.
 * Who has its token fills the tables no faster.
 */
export const subjectWrites = { atOnce: 120, perSecond: 1 } as const;

// Their writes are done by turns, so that no more than these can overdraw it.
const limits = { ...subjectWrites, maxDebt: 10, max: 100_000 };

const allowances = new WeakMap<Storage, Allowances>();

/**
 * Counts a write of an actor about a subject that leaves rows. To be called in its transaction, when nothing else is wrong with it: what
 * is refused leaves none. Fails with LIMIT_EXCEEDED (`subject_writes`).
 */
export function requireAllowance(storage: Storage, actor: Actor, subjectUid: string): void {
  const all = allowances.get(storage) ?? createAllowances(limits, () => performance.now());
  allowances.set(storage, all);
  const key = `${writerOf(actor).peer} ${subjectUid}`;
  if (all.leftOf(key) < 1) {
    const message =
      "the peer wrote too often about this bot, task or runner; nothing was written; slow down";
    throw new DomainError("LIMIT_EXCEEDED", message, { limit: "subject_writes" });
  }
  all.charge(key);
}
