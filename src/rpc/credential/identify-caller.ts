import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, type Duration } from "@bufbuild/protobuf/wkt";
import { mayIn } from "../../commands/credential/require-permission.ts";
import { cacheTimes, usualTimes } from "../../credentials/cache-times.ts";
import { identityOf } from "../../credentials/caller-info.ts";
import { recordOf } from "../../credentials/decision-counts.ts";
import type { Inquiry } from "../../credentials/identifier.ts";
import type { Verdict } from "../../credentials/verdict.ts";
import { parseBearerToken } from "../../domain/bearer-token.ts";
import type { DomainError } from "../../domain/errors.ts";
import type { IdentifyCallerResponseSchema } from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import type { CredentialCall } from "./begin-credential-call.ts";
import type { KnownCallers } from "./known-callers.ts";
import { verdictError } from "./verdict-error.ts";

/** What became of one question about a token. */
export type Identified =
  | {
      readonly response: MessageInitShape<typeof IdentifyCallerResponseSchema>;
      readonly caller: string;
    }
  | { readonly error: DomainError };

/** Answers a question from the verdict on its token, and tells the books. */
export function answerInquiry(
  call: CredentialCall,
  known: KnownCallers,
  inquiry: Inquiry,
  verdict: Verdict,
): Identified {
  const { area, actor } = call;
  const final = asSeenBy(call, verdict);
  if (final.kind === "good") {
    area.bookkeeping.used(final, area.identifier.databaseNow(), actor);
    return { response: respond(call, known, final), caller: identityOf(final.record.subject) };
  }
  const credentialId = parseBearerToken(inquiry.token)?.id;
  const { source, identity: caller } = actor;
  area.bookkeeping.denied({ verdict: final, credentialId, source, caller });
  return { error: verdictError(final, area.identifier.databaseNow()) };
}

/**
 * What a peer may know of a verdict. Where it may not identify callers, a right token is as good as a wrong one: not even that it
 * is right may it learn, nor how the task fares.
 */
function asSeenBy({ snapshot, actor }: CredentialCall, verdict: Verdict): Verdict {
  const record = recordOf(verdict);
  if (record === undefined) return verdict;
  if (mayIn(snapshot, actor, "fleetgate.callers.identify", record.subject.realm)) return verdict;
  return { kind: "refused", why: "forbidden_realm", record };
}

function respond(
  { area, actor, snapshot, revisionToken }: CredentialCall,
  known: KnownCallers,
  verdict: Extract<Verdict, { readonly kind: "good" }>,
): MessageInitShape<typeof IdentifyCallerResponseSchema> {
  const now = area.identifier.databaseNow();
  const { record, use } = verdict;
  const caller = known.find(verdict, snapshot, now);
  const times = cacheTimes(record, use, now);
  return {
    caller: caller.info,
    cacheFor: durationOf(times.alone),
    cacheForWatching: durationOf(times.watching),
    revisionToken,
    ...caller.assertion(area.keyring, actor.identity, now),
  };
}

const usualDurations: ReadonlyMap<number, Duration> = new Map(
  [usualTimes.alone, usualTimes.watching].map((ms) => [ms, durationFromMs(ms)]),
);

function durationOf(ms: number): Duration {
  return usualDurations.get(ms) ?? durationFromMs(ms);
}
