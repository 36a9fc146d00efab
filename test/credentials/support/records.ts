import { createHash } from "node:crypto";
import { formatBearerToken } from "../../../src/domain/bearer-token.ts";
import { kindLetters, type CredentialKind } from "../../../src/domain/credential/kinds.ts";
import type {
  BotSubject,
  CredentialRecord,
  TaskSubject,
} from "../../../src/domain/credential/subject.ts";

/** The instant of the tests that need no database, milliseconds since 1970. */
export const noon = Date.parse("2026-03-01T12:00:00Z");

const minute = 60_000;

const common = {
  ...{ uid: "00000000-0000-4000-8000-000000000001", realm: "acme:ci", pool: undefined },
  ...{ generation: 2, epoch: 7n, version: 3n, deleted: false },
};

/** A bot that is set up and waits for work, or is being set up. */
export function bot(changes: Partial<BotSubject> = {}): BotSubject {
  const states = { runnerState: "idle", instanceState: "running" } as const;
  return { kind: "bot", id: "b1", ...common, ...states, ...changes };
}

/** A task that is executed and held. */
export function task(changes: Partial<TaskSubject> = {}): TaskSubject {
  return {
    ...{ kind: "task", id: "t1", ...common },
    ...{ state: "running", botId: "b1", trust: "trusted", ref: "refs/heads/x" },
    ...{ defaultRef: "", delegatedUser: undefined, dependencies: [] },
    ...{ deadline: noon + 60 * minute, reportUntil: noon + 65 * minute, heldUntil: noon + minute },
    ...changes,
  };
}

const secret = "s".repeat(43);

/** A good credential of a bot or a task. */
export function record(
  kind: CredentialKind,
  changes: Partial<CredentialRecord> = {},
): CredentialRecord {
  const runnerState = kind === "boot" ? "pending" : "idle";
  return {
    ...{ id: "abcdefghijklmnop", kind, generation: 2, epoch: 7n },
    subject: kind === "task" ? task() : bot({ runnerState }),
    secretHash: createHash("sha256").update(secret).digest("hex"),
    ...{ lookupHash: undefined, audiences: [], permissions: [] },
    ...{ notBefore: noon - minute, expiresAt: noon + 120 * minute },
    ...{ revokedAt: undefined, usedAt: undefined, version: 1n },
    ...changes,
  };
}

/** The token of such a credential; with another secret if one is given. */
export function tokenOf(
  { id, kind }: Pick<CredentialRecord, "id" | "kind">,
  other = secret,
): string {
  return formatBearerToken({ kind: kindLetters[kind], id, secret: other });
}
