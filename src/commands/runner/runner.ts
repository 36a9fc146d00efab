import type { RunnerRow } from "../../storage/credential/runners.ts";
import type { SubjectRow } from "../../storage/credential/subjects.ts";

/** A runner as people see it. Nothing in it is a secret. */
export interface Runner {
  readonly id: string;
  readonly uid: string;
  readonly realm: string;
  /** Empty: not said. */
  readonly pool: string;
  readonly paused: boolean;
  /** How many managers it may have. */
  readonly maxManagers: number;
  /** How many it has. */
  readonly managers: number;
  readonly version: bigint;
  readonly createdAt: Date;
  readonly createdBy: string;
}

/** The runner that a row is about. */
export function toRunner(row: RunnerRow): Runner {
  return {
    id: row.subject_id,
    uid: row.uid,
    realm: row.realm,
    pool: row.pool ?? "",
    paused: row.state === "paused",
    maxManagers: row.max_managers ?? 0,
    managers: row.managers,
    version: row.version,
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}

/** The identity of a runner. */
export function runnerIdentity({ subject_id: id }: Pick<SubjectRow, "subject_id">): string {
  return `runner:${id}`;
}
