import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type {
  Claim,
  PresentClaimResponse,
} from "../../../src/gen/fleetgate/credential/v1/claim_service_pb.ts";
import type {
  Credential,
  RotateCredentialResponse,
} from "../../../src/gen/fleetgate/credential/v1/credential_service_pb.ts";
import type { EnrollResponse } from "../../../src/gen/fleetgate/credential/v1/runner_service_pb.ts";
import { Trust } from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { realms, type CredentialDatabase } from "./credential-database.ts";
import {
  as,
  beginStorm,
  startReplica,
  type CredentialReplica,
  type Outcome,
} from "./credential-replica.ts";
import { racers } from "./credential-storm.ts";
import { eventually } from "./eventually.ts";

/** The job that all take, the runner of which all become managers, and the one whose token all rotate. */
export const jobId = "raced";
export const crowded = "crowded";
export const rotated = "rotated";

/** So many may enrol. */
export const places = 5;

/** What became of one thing that everybody tried, each with a nonce of its own, until there was an answer. */
export interface Race<T> {
  readonly first: readonly Outcome<T>[];
  /** The same by the same nonces, at a replica that was started since. */
  readonly again: readonly Outcome<T>[];
}

/** What became of all that has a given number of winners. */
export interface OneTimeResults {
  readonly presented: Race<PresentClaimResponse>;
  readonly enrolled: Race<EnrollResponse>;
  readonly rotated: Race<RotateCredentialResponse>;
  /** What the opener is told afterwards, and how the enrolment token is. */
  readonly claim: Claim;
  readonly enrolment: Credential;
  /** The runner token that was rotated. */
  readonly old: string;
  /** How many calls got no answer since their replica was gone. */
  readonly cutOff: number;
}

/**
 * Has everybody present a claim, enrol by a token of a few uses, and rotate a token, at all replicas at once. The last replica is killed
 * when the first of each has won there and is about to be told so; another one takes its place in `replicas`.
 */
export async function runOneTimeStorm(
  database: CredentialDatabase,
  replicas: CredentialReplica[],
): Promise<OneTimeResults> {
  const [replica] = replicas;
  const last = replicas.length - 1;
  assert.ok(replica !== undefined);
  const { host, admin, claimId, ...tokens } = await prepare(database, replica);
  const held = await holdCommits(database);
  const storm = beginStorm(replicas, Infinity);
  // The first of all begins at the replica that is killed.
  const race =
    <T>(call: (at: CredentialReplica, by: { index: number; nonce: string }) => Promise<T>) =>
    (index: number, nonce: string): Promise<Outcome<T>> =>
      storm.callUntilAnswered(index + last, (at) => call(at, { index, nonce }));
  const present = race((at, { nonce }) =>
    at.claims.presentClaim({ jobId, nonce }, as(tokens.claim)),
  );
  const enroll = race((at, { index, nonce }) =>
    at.runners.enroll({ systemId: `s_${index}`, nonce }, as(tokens.enrolment)),
  );
  const rotate = race((at, { nonce }) =>
    at.credentials.rotateCredential({ nonce }, as(tokens.old)),
  );
  const nonces = Array.from({ length: racers }, () => randomUUID());
  const begin = (from: number, to: number) => {
    const these = nonces.slice(from, to);
    const all = <T>(call: (index: number, nonce: string) => Promise<T>) =>
      Promise.all(these.map((nonce, place) => call(from + place, nonce)));
    return Promise.all([all(present), all(enroll), all(rotate)]);
  };
  const winners = begin(0, 1);
  await held.waiting("the first of each is about to commit", 3);
  const others = begin(1, racers);
  await held.waiting("others wait for them", 9);
  replicas[last]?.kill();
  await held.release();
  const [first, rest, restarted] = await Promise.all([
    ...[winners, others],
    startReplica(database.url),
  ] as const);
  replicas[last] = restarted;
  // The first one begins there again, everybody else elsewhere.
  const again = await begin(0, racers);
  const { claim } = await restarted.claims.getClaim({ claimId }, host);
  const { credential: enrolment } = await restarted.credentials.getCredential(
    { credentialId: tokens.enrolmentId },
    admin,
  );
  assert.ok(claim !== undefined && enrolment !== undefined);
  return {
    presented: { first: [...first[0], ...rest[0]], again: again[0] },
    enrolled: { first: [...first[1], ...rest[1]], again: again[1] },
    rotated: { first: [...first[2], ...rest[2]], again: again[2] },
    ...{ claim, enrolment, old: tokens.old, cutOff: storm.cutOff() },
  };
}

/** Opens a claim, creates the runners, and gives the tokens that everybody has. */
async function prepare(
  { adminKey, hostKeys }: CredentialDatabase,
  { claims, runners }: CredentialReplica,
) {
  const [host, admin] = [as(hostKeys[0]), as(adminKey)];
  const [realm] = realms;
  const claimId = randomUUID();
  const terms = { timeLimit: { seconds: 3600n }, trust: Trust.TRUSTED };
  const { token: claim } = await claims.openClaim({ claimId, jobId, realm, terms }, host);
  const enrollable = async (runnerId: string, maxUses: number) => {
    await runners.createRunner({ runnerId, realm }, admin);
    return runners.createEnrollToken({ runnerId, maxUses }, admin);
  };
  const { token: enrolment, credentialId: enrolmentId } = await enrollable(crowded, places);
  const { token: once } = await enrollable(rotated, 1);
  const machine = { systemId: "s_0", nonce: randomUUID() };
  const { token: old } = await runners.enroll(machine, as(once));
  return { host, admin, claimId, claim, enrolment, enrolmentId, old };
}

/**
 * Keeps what wins from being committed, in the commit itself: it is done whatever becomes of the server that asked for it meanwhile, so
 * that the answer to one that won is surely lost.
 */
async function holdCommits({ query }: CredentialDatabase) {
  const wins = [
    ["update on claim", "new.state = 'claimed'"],
    ["insert on manager", "true"],
    ["update on credential", "new.rotated_at is not null"],
  ] as const;
  await query("select pg_advisory_lock(1)");
  await query(`create function held() returns trigger language plpgsql set lock_timeout = 0
    as 'begin perform pg_advisory_xact_lock_shared(1); return null; end'`);
  for (const [on, when] of wins) {
    await query(`create constraint trigger held after ${on} deferrable initially deferred
      for each row when (${when}) execute function held()`);
  }
  return {
    /** Waits until so many wait for locks. */
    waiting: (what: string, count: number) =>
      eventually(what, async () => {
        const [row] = await query<{ count: number }>(
          `select count(*)::int as count from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return row !== undefined && row.count >= count;
      }),
    release: async () => {
      await query("select pg_advisory_unlock(1)");
    },
  };
}
