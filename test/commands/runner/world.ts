import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import type { Actor, CredentialDeps } from "../../../src/credentials/deps.ts";
import {
  createEnrollToken,
  type CreateEnrollTokenInput,
} from "../../../src/commands/runner/create-enroll-token.ts";
import {
  createRunner,
  type CreateRunnerInput,
} from "../../../src/commands/runner/create-runner.ts";
import { enroll, type EnrollInput } from "../../../src/commands/runner/enroll.ts";
import { listManagers, type Manager } from "../../../src/commands/runner/list-managers.ts";
import {
  rotateCredential,
  type RotateCredentialInput,
} from "../../../src/commands/runner/rotate-credential.ts";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import type { CredentialRecord } from "../../../src/domain/credential/subject.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { readCredentials } from "../../../src/storage/credential/read-credentials.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { createMemoryReplica } from "../../../src/testing/memory-replica.ts";
import { readConfiguration } from "../../../src/testing/read-configuration.ts";

const configurationOf = (linuxRealm: string, runners = "runners") =>
  readConfiguration(`
groups:
  - name: administrators
    members: ["user:root@example.com"]
projects:
  - name: proj
    realms:
      - name: ${runners}
        bindings:
          - {role: role/fleetgate.runnerManager, principals: ["service:fleet", "runner:mighty"]}
      - name: other
        bindings:
          - {role: role/fleetgate.runnerManager, principals: ["service:other"]}
pools:
  - {name: linux, realm: "${linuxRealm}"}
  - {name: mac, realm: "proj:other"}
`);

/** The realm of the runners of these tests. */
export const realm = "proj:runners";

/** The same configuration, but for pool linux, which is of the realm of others now. */
export const poolGivenAway = createMemoryReplica(configurationOf("proj:other")).state().snapshot;

/** The same configuration without the realm of the runners. */
export const realmGone = createMemoryReplica(configurationOf("proj:other", "renamed")).state()
  .snapshot;

function actor(identity: string, record?: CredentialRecord): Actor {
  const source = { caller: identity, source: "192.0.2.1", requestId: "r1" };
  return { ...source, identity: identity as Identity, record, use: "all" };
}

/** Manages the runners of the realm. */
export const fleet = actor("service:fleet");

/** Manages those of another realm. */
export const stranger = actor("service:other");

/** An administrator. */
export const admin = actor("user:root@example.com");

/** A nonce that nobody else has. */
export const newNonce = (): string => randomUUID();

/** An hour and a day in milliseconds. */
export const [hour, day] = [3_600_000, 86_400_000] as const;

/** A database with the commands of runners on it. */
export type RunnerWorld = ReturnType<typeof createRunnerWorld>;

/** Commands on an open database, with the realms proj:runners and proj:other. */
export function createRunnerWorld(storage: Storage) {
  const replica = createMemoryReplica(configurationOf(realm));
  const known: string[] = [];
  const makeKnown = (uids: readonly string[]) => {
    known.push(...uids);
    return Promise.resolve();
  };
  const deps: CredentialDeps = { storage, replica, randomBytes, makeKnown };
  const { snapshot } = replica.state();

  /** What is stored of a token. */
  const record = async (token: string): Promise<CredentialRecord> => {
    const { id } = parseBearerToken(token) ?? assert.fail(`no token: ${token}`);
    const { records } = await readCredentials(storage.db, { ids: [id], lookupHashes: [] });
    return records[0] ?? assert.fail(`${id} is not stored`);
  };

  /** The bearer of a token, as whoever identified it knew it at this moment. */
  const by = async (token: string): Promise<Actor> => {
    const found = await record(token);
    return actor(`runner:${found.subject.id}`, found);
  };

  const create = (input: Partial<CreateRunnerInput> = {}, who = fleet) =>
    createRunner(deps, snapshot, who, {
      ...{ id: `r-${randomUUID()}`, realm, pool: "", maxManagers: 0, ...input },
    });

  const enrollToken = (id: string, input: Partial<CreateEnrollTokenInput> = {}, who = fleet) =>
    createEnrollToken(deps, snapshot, who, { id, maxUses: 0, ttl: undefined, ...input });

  const enrolBy = (who: Actor, systemId: string, input: Partial<EnrollInput> = {}) =>
    enroll(deps, snapshot, who, {
      ...{ systemId, info: undefined, nonce: newNonce(), ttl: undefined, audiences: [], ...input },
    });

  const rotateBy = (who: Actor, input: Partial<RotateCredentialInput> = {}) =>
    rotateCredential(deps, snapshot, who, {
      ...{ credentialId: "", grace: undefined, ttl: undefined, nonce: newNonce(), ...input },
    });

  return {
    ...{ storage, deps, snapshot, known, record, by, create, enrollToken, enrolBy, rotateBy },
    enrol: async (token: string, systemId: string, input: Partial<EnrollInput> = {}) =>
      enrolBy(await by(token), systemId, input),
    rotate: async (token: string, input: Partial<RotateCredentialInput> = {}) =>
      rotateBy(await by(token), input),

    /** A new runner, an enrolment token for it and the runner token of a machine that used it. */
    working: async (systemId = "m1", maxUses = 10) => {
      const { id, uid } = await create();
      const { token: enrolToken } = await enrollToken(id, { maxUses });
      const { issued } = await enrolBy(await by(enrolToken), systemId);
      return { id, uid, enrolToken, token: issued.token, credentialId: issued.credentialId };
    },

    managersOf: async (id: string): Promise<readonly Manager[]> => {
      const page = await listManagers(deps, snapshot, fleet, { id, pageSize: 0, pageToken: "" });
      return page.managers;
    },

    /** Why a token is not good by what is stored of it; undefined: it is. */
    endOf: async (token: string): Promise<string | undefined> => {
      const found = await record(token);
      if (found.subject.deleted) return "subject_gone";
      if (found.revokedAt !== undefined) return "revoked";
      return found.expiresAt <= Date.now() ? "expired" : undefined;
    },

    /** What the audit and the log of events say of a runner, oldest first. */
    history: async (uid: string, id: string) => {
      const events = storage.db.selectFrom("credential_event").select(["version", "shrinks"]);
      const audit = storage.db.selectFrom("credential_audit").select("event");
      const said = await audit.where("identity", "=", `runner:${id}`).orderBy("id").execute();
      return {
        events: await events.where("subject_uid", "=", uid).orderBy("version").execute(),
        audit: said.map(({ event }) => event),
      };
    },

    /** Moves times of a credential into the past, since nobody moves the database's clock. */
    age: async (token: string, ms: number, ...columns: readonly string[]) => {
      const { id } = parseBearerToken(token) ?? assert.fail();
      const set = columns.map((name) => `${name} = ${name} - interval '${ms} milliseconds'`);
      await storage.exec(`update credential set ${set.join(", ")} where id = '${id}'`);
    },
  };
}
