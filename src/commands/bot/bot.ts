import type { InstanceState, RunnerState } from "../../domain/credential/bot-states.ts";
import type { SubjectRow } from "../../storage/credential/subjects.ts";

/** A bot as people see it. Nothing in it is a secret. */
export interface Bot {
  readonly id: string;
  readonly uid: string;
  readonly realm: string;
  /** Empty: not said. */
  readonly pool: string;
  readonly generation: number;
  readonly epoch: bigint;
  readonly runnerState: RunnerState;
  readonly instanceState: InstanceState;
  /** 0: none yet. */
  readonly agentId: bigint;
  /** By name; when each was fetched in this generation, undefined: it was not. */
  readonly oneTimeSecrets: readonly {
    readonly name: string;
    readonly fetchedAt: Date | undefined;
  }[];
  readonly version: bigint;
  readonly createdAt: Date;
  readonly createdBy: string;
}

/** The bot that a row is about. */
export function toBot(row: SubjectRow): Bot {
  const fetches = new Map(Object.entries(row.one_time));
  const names = Object.keys(row.one_time_references).sort();
  return {
    id: row.subject_id,
    uid: row.uid,
    realm: row.realm,
    pool: row.pool ?? "",
    generation: row.generation,
    epoch: row.epoch,
    ...statesOf(row),
    agentId: row.agent_id ?? 0n,
    oneTimeSecrets: names.map((name) => {
      const at = fetches.get(name)?.at;
      return { name, fetchedAt: at === undefined ? undefined : new Date(at) };
    }),
    version: row.version,
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}

/** How runner and machine of a bot fare. */
export function statesOf(row: Pick<SubjectRow, "state" | "instance_state">): {
  readonly runnerState: RunnerState;
  readonly instanceState: InstanceState;
} {
  // Only judged steps are ever stored.
  return {
    runnerState: row.state as RunnerState,
    instanceState: (row.instance_state ?? "unknown") as InstanceState,
  };
}

/** The identity of a bot. */
export function identityOf(row: Pick<SubjectRow, "subject_id">): string {
  return `bot:${row.subject_id}`;
}
