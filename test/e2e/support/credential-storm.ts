import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import type { CallOptions } from "@connectrpc/connect";
import type { Session } from "../../../src/gen/fleetgate/credential/v1/session_service_pb.ts";
import { InstanceState, Trust } from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import type { RegisterTaskResponse } from "../../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { realms, type CredentialDatabase } from "./credential-database.ts";
import { as, beginStorm, type CredentialReplica, type Outcome } from "./credential-replica.ts";

/** How many try each thing that one may succeed in. */
export const racers = 32;

/** The one-time secrets of a bot. */
export const secrets = ["forge", "proxy", "registration"] as const;

/** The bots whose resume tokens two parties have, and those whose have one. */
export const stolen = ["stolen-0", "stolen-1"] as const;
export const resumed = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => `resumed-${index}`);

/** Of the holds of the task `released` all but one are released. */
export const heldAtFirst = 16;

/** After so many answers the last replica is killed. */
const killAfter = 60;

/** What became of everything that was tried at once. */
export interface StormResults {
  /** By secret, and by bot: everybody who tried. */
  readonly fetched: readonly (readonly Outcome<unknown>[])[];
  readonly taken: readonly (readonly Outcome<unknown>[])[];
  /** The rest was tried until there was an answer. By bot: its session token. */
  readonly takenOver: readonly Outcome<string>[];
  /** Of the task `shared`, and of the task `torn` in two realms. */
  readonly registered: readonly Outcome<RegisterTaskResponse>[];
  readonly torn: readonly Outcome<RegisterTaskResponse>[];
  readonly released: readonly Outcome<unknown>[];
  /** The token of a bot that is set up, that of the task `released`, and that of a task whose host is gone. */
  readonly boot: string;
  readonly held: string;
  readonly leased: string;
  readonly cutOff: number;
}

/** Tries everything at all replicas at once; the last one is killed in the middle. */
export async function runStorm(
  { adminKey, hostKeys }: CredentialDatabase,
  replicas: readonly CredentialReplica[],
): Promise<StormResults> {
  const [first] = replicas;
  assert.ok(first !== undefined);
  const admin = as(adminKey);
  const host = (index: number): CallOptions => as(hostKeys[index % 2] ?? "");
  const boot = await createBot(first, "booting", admin);
  const sessions = new Map<string, Session>();
  for (const botId of [...resumed, ...stolen]) {
    const bearer = as(await createBot(first, botId, admin));
    const { session } = await first.sessions.openSession({}, bearer);
    assert.ok(session !== undefined);
    sessions.set(botId, session);
  }
  const releasedHolds = ids(heldAtFirst);
  const tokens: string[] = [];
  for (const holdId of releasedHolds) {
    tokens.push((await register(first, host(0), { taskId: "released", holdId })).token);
  }
  // Its host is never heard of again.
  const [lostHold = ""] = ids(1);
  const lost = { taskId: "leased", holdId: lostHold, lease: seconds(10) };
  const { token: leased } = await register(first, host(0), lost);

  const storm = beginStorm(replicas, killAfter);
  const race = <T>(call: Call<T>): Promise<readonly Outcome<T>[]> =>
    all(racers, (index) => storm.call(index, (at) => call(at, index)));
  const persist = <T>(length: number, call: Call<T>): Promise<readonly Outcome<T>[]> =>
    all(length, (index) => storm.callUntilAnswered(index, (at) => call(at, index)));
  const takeOver = async (at: CredentialReplica, botId = "", by = nonce()): Promise<string> => {
    const bearer = as(sessions.get(botId)?.resumeToken ?? "");
    return (await at.sessions.takeOverSession({ nonce: by }, bearer)).session?.token ?? "";
  };
  const nonces = resumed.map(nonce);
  const [holds, tornHolds] = [ids(racers), ids(racers)];
  const [fetched, taken, takenOver, registered, torn, released] = await Promise.all([
    Promise.all(secrets.map((name) => race(({ bots }) => bots.fetchOnce({ name }, as(boot))))),
    Promise.all(stolen.map((botId) => race((at) => takeOver(at, botId)))),
    persist(resumed.length, (at, index) => takeOver(at, resumed[index], nonces[index])),
    persist(racers, (at, index) =>
      register(at, host(index), { taskId: "shared", holdId: holds[index] ?? "" }),
    ),
    persist(racers, (at, index) => {
      const of = { taskId: "torn", holdId: tornHolds[index] ?? "", realm: realms[index % 2] ?? "" };
      return register(at, host(index), of);
    }),
    // Each of them twice; and another host tries to release all of them.
    persist(3 * heldAtFirst, ({ tasks }, index) => {
      const own = index < 2 * (heldAtFirst - 1);
      const place = index % (own ? heldAtFirst - 1 : heldAtFirst);
      const holdId = releasedHolds[place] ?? "";
      return tasks.releaseHold({ taskId: "released", holdId }, host(own ? 0 : 1));
    }),
  ]);
  const held = tokens.at(-1) ?? "";
  const results = { fetched, taken, takenOver, registered, torn, released };
  return { ...results, boot, held, leased, cutOff: storm.cutOff() };
}

type Call<T> = (replica: CredentialReplica, index: number) => Promise<T>;

function all<T>(length: number, call: (index: number) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length }, (_, index) => call(index)));
}

function ids(length: number): readonly string[] {
  return Array.from({ length }, () => randomUUID());
}

function nonce(): string {
  return randomBytes(24).toString("base64url");
}

function seconds(count: number) {
  return { seconds: BigInt(count), nanos: 0 };
}

/** Gives its boot token. */
async function createBot(
  { bots }: CredentialReplica,
  botId: string,
  admin: CallOptions,
): Promise<string> {
  const oneTimeReferences = Object.fromEntries(secrets.map((name) => [name, `vault/${name}`]));
  await bots.createBot({ botId, realm: realms[0], oneTimeReferences }, admin);
  await bots.setBotState({ botId, instanceState: InstanceState.CREATING }, admin);
  await bots.setBotState({ botId, instanceState: InstanceState.RUNNING }, admin);
  return (await bots.issueBootToken({ botId, generation: 1 }, admin)).token;
}

function register(
  { tasks }: CredentialReplica,
  by: CallOptions,
  of: {
    readonly taskId: string;
    readonly holdId: string;
    readonly realm?: string;
    readonly lease?: ReturnType<typeof seconds>;
  },
): Promise<RegisterTaskResponse> {
  const hour = seconds(3600);
  const usual = { realm: realms[0], trust: Trust.TRUSTED, lease: hour, timeLimit: hour };
  return tasks.registerTask({ ...usual, ...of }, by);
}
