/** How a manager of a runner is, by what was heard of it. */
export type ManagerStatus = "never_contacted" | "online" | "offline" | "stale";

/** What is known of a manager. Times are milliseconds since 1970 by the clock of the database. */
export interface ManagerFacts {
  readonly enrolledAt: number;
  /** Undefined: it was never heard of. */
  readonly contactedAt: number | undefined;
  /** Whether it ever said that it is ready for work. */
  readonly isReady: boolean;
}

// For how long a manager counts as online that was heard of, in milliseconds.
const onlineMs = 2 * 3_600_000;

/** After how many milliseconds without a word a manager is stale. */
export const staleMs = 7 * 86_400_000;

/** How a manager is at `now`. At the very instant of an end it is over. */
export function managerStatus(
  { enrolledAt, contactedAt, isReady }: ManagerFacts,
  now: number,
): ManagerStatus {
  if (now - Math.max(enrolledAt, contactedAt ?? -Infinity) >= staleMs) return "stale";
  if (!isReady || contactedAt === undefined) return "never_contacted";
  return now - contactedAt < onlineMs ? "online" : "offline";
}
