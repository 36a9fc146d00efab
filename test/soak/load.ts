import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { isDenied, reasonOf } from "../../src/client/index.ts";
import type { Fleetgate } from "../../src/client/node/index.ts";
import type { Fact, Facts } from "./facts.ts";
import type { ReplicaProcess } from "./fleet.ts";

/** What the load came to. */
export interface Counts {
  writes: number;
  /** How often writes were sent again because nobody knew what became of them, by what the answer was. */
  readonly repeats: Map<string, number>;
  checks: number;
  /** Checks that said, as they may, that they could not be as fresh as asked. */
  notFresh: number;
  /** Checks without demands on freshness by a client with all replicas. */
  plain: number;
  /** Everything that must not be, in words. */
  readonly faults: readonly string[];
  readonly addFault: (text: string) => void;
}

/** What writers and checkers share. */
export interface Load {
  readonly replicas: readonly ReplicaProcess[];
  /** Clients that know all replicas. */
  readonly anywhere: Fleetgate;
  readonly facts: Facts;
  readonly counts: Counts;
  readonly random: () => number;
  readonly stopped: () => boolean;
}

/** What a member of a group of the test may do; nobody else may. */
const question = { permission: "swarming.pools.createTask", pool: "soak" };

/** Adds identities to a group and removes them again; each write is repeated until it is acknowledged. */
export async function runWriter(load: Load, group: string): Promise<void> {
  for (let number = 0; !load.stopped(); number += 1) {
    const fact = load.facts.add(`user:${group}-${number}@example.com`, group);
    await write(load, fact, true);
    if (load.random() < 0.5) await write(load, fact, false);
  }
}

async function write(load: Load, fact: Fact, member: boolean): Promise<void> {
  const { counts } = load;
  const requestId = randomUUID();
  fact.writing = true;
  for (;;) {
    const { groups } = pick(load).clients;
    const request = { group: fact.group, members: [fact.identity], requestId, reason: "soak" };
    try {
      const { revisionToken } = await (member
        ? groups.addMembers(request)
        : groups.removeMembers(request));
      // No other write of this identity is under way: what is acknowledged is what holds.
      fact.versions.push({ member, token: revisionToken });
      fact.writing = false;
      counts.writes += 1;
      return;
    } catch (error) {
      if (!mayFail(error)) counts.addFault(`write: ${describe(error)}`);
      const text = describe(error);
      counts.repeats.set(text, (counts.repeats.get(text) ?? 0) + 1);
      await setTimeout(50);
    }
  }
}

/**
 * Between two checks of one checker, in milliseconds. Without it they take a processor from what is to be tested, the
 * replicas that start again and catch up, and find nothing that they would not find so.
 */
const paceMs = 5;

/** Asks about identities as freshly as their last acknowledged write, at any replica. */
export async function runChecker(load: Load): Promise<void> {
  const { facts, counts } = load;
  while (!load.stopped()) {
    const fact = recent(load);
    if (fact === undefined) {
      await setTimeout(10);
      continue;
    }
    const asked = facts.ask(fact);
    const { writing } = fact;
    const member = await check(load, pick(load).clients, fact.identity, asked.token);
    if (member === undefined) await setTimeout(20);
    else if (facts.isRight(asked, member, writing)) counts.checks += 1;
    else counts.addFault(`${fact.identity} is ${member ? "" : "not "}a member: stale or lost`);
    await setTimeout(paceMs);
  }
}

/** Asks without demands on freshness at any replica that answers: that never fails. */
export async function runPlainChecker(load: Load, caller: string): Promise<void> {
  const { counts, anywhere } = load;
  while (!load.stopped()) {
    try {
      await anywhere.acl.checkPoolPerm({ ...question, caller });
      counts.plain += 1;
    } catch (error) {
      counts.addFault(`a plain check failed: ${describe(error)}`);
    }
    await setTimeout(paceMs);
  }
}

/** Asks once; undefined: there was no answer, which may be. */
async function check(
  { counts }: Load,
  { acl }: Fleetgate,
  caller: string,
  token: string | undefined,
): Promise<boolean | undefined> {
  const consistency =
    token === undefined
      ? undefined
      : { requirement: { case: "atLeastAsFresh", value: token } as const };
  try {
    await acl.checkPoolPerm({ ...question, caller, ...(consistency && { consistency }) });
    return true;
  } catch (error) {
    if (isDenied(error)) return false;
    if (reasonOf(error) === "FRESHNESS_NOT_REACHED") counts.notFresh += 1;
    else if (!mayFail(error)) counts.addFault(`check: ${describe(error)}`);
    return undefined;
  }
}

/** Asks until there is an answer: for the end, when all is well again. */
export async function checkUntilAnswered(
  load: Load,
  clients: Fleetgate,
  caller: string,
  token: string | undefined,
): Promise<boolean> {
  for (;;) {
    const member = await check(load, clients, caller, token);
    if (member !== undefined) return member;
    await setTimeout(50);
  }
}

/** A process that is killed breaks connections, and a write without Postgres is unavailable. */
function mayFail(error: unknown): boolean {
  const { code } = ConnectError.from(error);
  return [Code.Unavailable, Code.Canceled, Code.DeadlineExceeded, Code.Aborted].includes(code);
}

function recent({ facts, random }: Load): Fact | undefined {
  const { all } = facts;
  const newest = random() < 0.7 ? Math.max(0, all.length - 20) : 0;
  return all[newest + Math.floor(random() * (all.length - newest))];
}

function pick({ replicas, random }: Load): ReplicaProcess {
  const replica = replicas[Math.floor(random() * replicas.length)];
  if (replica === undefined) throw new Error("there are no replicas");
  return replica;
}

function describe(error: unknown): string {
  const { code, rawMessage } = ConnectError.from(error);
  return `${Code[code]} ${reasonOf(error) ?? ""} ${rawMessage}`;
}
