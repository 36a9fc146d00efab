import { isSuppliedToken, suppliedTokenLength } from "../../credentials/shown-token.ts";
import { bearerTokenHead } from "../../domain/bearer-token.ts";
import { reportPermission } from "../../domain/credential/gates.ts";
import type { Trust } from "../../domain/credential/subject.ts";
import { invalidField, type DomainError } from "../../domain/errors.ts";
import { parseIdentity, type Identity } from "../../domain/identity.ts";
import { botId, permissionName, poolName } from "../../domain/names.ts";
import { hasForbiddenCharacter } from "../../domain/text.ts";
import { requestedAudiences, requestedLifetime, requestedUuid } from "../credential/fields.ts";
import { checkTaskId, readLease } from "./task-input.ts";

/** What is said of a new task and its token, as it came. Times are milliseconds; an empty text is one that was not said. */
export interface TermsInput {
  readonly timeLimitMs: number | undefined;
  readonly permissions: readonly string[];
  readonly audiences: readonly string[];
  readonly trust: Trust | undefined;
  readonly ref: string;
  readonly defaultRef: string;
  readonly delegatedUser: string;
  readonly dependencies: readonly string[];
  readonly pool: string;
  readonly awaitingAck: boolean;
}

/** What a registration says, as it came; as above. */
export interface RegistrationInput extends TermsInput {
  readonly taskId: string;
  readonly realm: string;
  readonly holdId: string;
  readonly leaseMs: number | undefined;
  readonly botId: string;
  /** A secret. */
  readonly token: string;
}

/** What is said of a new task and its token, well-formed. */
export interface Terms {
  /** Undefined: not said, which is good for all but the first registration. */
  readonly timeLimitMs: number | undefined;
  /** Sorted, with that to report. */
  readonly permissions: readonly string[];
  /** Sorted; none: all. */
  readonly audiences: readonly string[];
  readonly trust: Trust;
  readonly ref: string;
  readonly defaultRef: string;
  readonly delegatedUser: Identity | undefined;
  /** Each once. */
  readonly dependencies: readonly string[];
  readonly pool: string | undefined;
  readonly state: "awaiting_ack" | "running";
}

/** A registration that is well-formed. */
export interface Registration extends Terms {
  readonly taskId: string;
  readonly realm: string;
  readonly holdId: string;
  readonly leaseMs: number;
  readonly botId: string | undefined;
  /** A secret. Undefined: one is to be minted. */
  readonly token: string | undefined;
}

/** What a registration may have. Times are milliseconds. */
export const registrationLimits = {
  timeLimit: {
    ...{ min: 1_000, max: 30 * 86_400_000, usual: 1_000 },
    words: "1 second to 30 days",
  },
  permissions: 64,
  dependencies: 64,
  refLength: 256,
  tokenLength: suppliedTokenLength,
} as const;

/** Reads a registration, but for its realm, which whoever asks whether the peer may has read. Fails with INVALID_FIELD. */
export function readRegistration(input: RegistrationInput): Registration {
  checkTaskId(input.taskId);
  const { taskId, realm } = input;
  const holdId = requestedUuid("hold_id", input.holdId);
  const leaseMs = readLease(input.leaseMs);
  const terms = readTerms(input);
  if (input.botId !== "" && !botId.test(input.botId)) throw invalidField("bot_id", botId.rule);
  return {
    ...{ ...terms, taskId, realm, holdId, leaseMs },
    botId: input.botId === "" ? undefined : input.botId,
    token: readToken(input.token),
  };
}

/** Reads what is said of a new task. Fails with INVALID_FIELD. */
export function readTerms(input: TermsInput): Terms {
  const { trust, ref, defaultRef } = input;
  if (trust === undefined) throw invalidField("trust", "must be TRUSTED or UNTRUSTED");
  checkRef("ref", ref);
  checkRef("default_ref", defaultRef);
  for (const [index, name] of atMost("permissions", input.permissions).entries()) {
    if (!permissionName.test(name)) {
      throw invalidField(`permissions[${index}]`, permissionName.rule);
    }
  }
  for (const [index, id] of atMost("dependencies", input.dependencies).entries()) {
    checkTaskId(id, `dependencies[${index}]`);
  }
  if (input.pool !== "" && !poolName.test(input.pool)) throw invalidField("pool", poolName.rule);
  return {
    ...{ trust, ref, defaultRef },
    timeLimitMs: readTimeLimit(input.timeLimitMs),
    permissions: sortedOnce([...input.permissions, reportPermission]),
    audiences: requestedAudiences(input.audiences),
    delegatedUser: readUser(input.delegatedUser),
    dependencies: [...new Set(input.dependencies)],
    pool: input.pool === "" ? undefined : input.pool,
    state: input.awaitingAck ? "awaiting_ack" : "running",
  };
}

/** The error for a time limit that the first registration does not say. */
export function timeLimitMissing(): DomainError {
  return invalidField("time_limit", "is required when a task is registered first");
}

function readTimeLimit(wantedMs: number | undefined): number | undefined {
  if (wantedMs === undefined) return undefined;
  return requestedLifetime("time_limit", wantedMs, registrationLimits.timeLimit);
}

function readToken(token: string): string | undefined {
  if (token === "") return undefined;
  const { min, max } = registrationLimits.tokenLength;
  if (isSuppliedToken(token)) return token;
  throw invalidField(
    "token",
    `must be ${min} to ${max} visible ASCII characters that do not begin with "${bearerTokenHead}"`,
  );
}

function readUser(text: string): Identity | undefined {
  if (text === "") return undefined;
  const identity = parseIdentity(text);
  if (identity?.startsWith("user:") !== true) {
    throw invalidField("delegated_user", 'must be "user:name@domain"');
  }
  return identity;
}

function checkRef(field: string, ref: string): void {
  if (ref.length > registrationLimits.refLength || hasForbiddenCharacter(ref)) {
    throw invalidField(
      field,
      `must be at most ${registrationLimits.refLength} characters without control characters`,
    );
  }
}

function atMost(field: "permissions" | "dependencies", list: readonly string[]): readonly string[] {
  const limit = registrationLimits[field];
  if (list.length > limit) throw invalidField(field, `must be at most ${limit}`);
  return list;
}

function sortedOnce(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
