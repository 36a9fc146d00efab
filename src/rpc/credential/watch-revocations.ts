import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import { mayInSomeRealm } from "../../commands/credential/may-in-some-realm.ts";
import { mayIn, permissionRequired } from "../../commands/credential/require-permission.ts";
import { writerOf } from "../../commands/credential/writer-of.ts";
import type { FeedNews } from "../../credentials/identifier.ts";
import { missedRevocations } from "../../credentials/missed-revocations.ts";
import {
  formatCursor,
  parseCursor,
  type RevocationCursor,
} from "../../credentials/revocation-cursor.ts";
import {
  createRevocationQueue,
  maxBacklog,
  type RevocationBatch,
} from "../../credentials/revocation-queue.ts";
import { DomainError } from "../../domain/errors.ts";
import {
  CallerService,
  type WatchRevocationsResponseSchema,
} from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import { resolveAgain } from "../admission/judge-credential.ts";
import { callOf } from "../call.ts";
import type { RpcDeps } from "../deps.ts";
import { failCall } from "../fail-call.ts";
import { createAlarm } from "./alarm.ts";
import { beginCredentialCall, type CredentialCall } from "./begin-credential-call.ts";
import type { TakeSlot } from "./watch-slots.ts";

type Message = MessageInitShape<typeof WatchRevocationsResponseSchema>;

const permission = "fleetgate.callers.identify";

/** How often a stream looks whether its peer may still have it, in milliseconds. */
const lookMs = 1_000;

/**
 * Tells what must not be taken from caches any more, of the realms in which the peer may identify callers at that moment, and which
 * configuration is in force: as soon as it is known here, and each second that all is. What is hidden from the peer is hidden before a message
 * tells of the configuration under which it would not be: whoever drops everything at that, and keeps what it asks for later, misses
 * nothing. Says nothing while the log is not followed, so that whoever hears nothing knows. Ends when the peer's credential does, or when
 * it may do so in no realm any more, with LIMIT_EXCEEDED for who reads too slowly, and with CURSOR_TOO_OLD when the log was not followed
 * without a gap.
 */
export async function* watchRevocations(
  deps: RpcDeps,
  takeSlot: TakeSlot,
  cursor: string,
  context: HandlerContext,
): AsyncGenerator<Message> {
  try {
    yield* messages(deps, takeSlot, cursor, context);
  } catch (error) {
    throw failCall(callOf(context.values), CallerService, error);
  }
}

async function* messages(
  deps: RpcDeps,
  takeSlot: TakeSlot,
  cursor: string,
  context: HandlerContext,
): AsyncGenerator<Message> {
  const { signal } = context;
  // Whoever may identify callers nowhere would hear nothing, and takes no place from those who do.
  const begin = (): CredentialCall => {
    const call = beginCredentialCall(deps, context);
    if (mayInSomeRealm(call.snapshot, call.actor, permission)) return call;
    throw permissionRequired(permission);
  };
  const { area, actor } = begin();
  const look = async (): Promise<void> => {
    await resolveAgain(deps, callOf(context.values));
    begin();
  };
  const release = takeSlot(writerOf(actor).peer);
  const key = (): Uint8Array => deps.replica.current()?.tokenKey ?? new Uint8Array(0);
  const from = cursor === "" ? undefined : parseCursor(key(), cursor);
  const queue = createRevocationQueue(from);
  const alarm = createAlarm(signal);
  // Before what was missed is read, so that nothing falls between.
  const stopLog = area.identifier.watch(({ changes, cursor: reached, hasGap }) => {
    if (hasGap) queue.interrupt();
    else queue.add(changes.filter(createFilter(deps, actor)), reached);
    alarm.ring();
  });
  const stopReplica = deps.replica.watch(alarm.ring);
  // The last message.
  let told: Told | undefined;
  try {
    if (cursor !== "") {
      if (from === undefined) throw tooOld();
      const missed = await missedRevocations(area.commands.storage, from, maxBacklog);
      if (missed === undefined) throw tooOld();
      await look();
      queue.add(missed.events.filter(createFilter(deps, actor)), missed.cursor);
    }
    while (!signal.aborted) {
      await look();
      const batch = queue.take();
      if (batch === "overflow") throw tooSlow();
      if (batch === "gap") throw tooOld();
      const revisionToken = deps.replica.current()?.revisionToken ?? "";
      const next = batch ?? configurationNews(told, revisionToken);
      if (next === undefined) {
        await alarm.wait(lookMs);
        continue;
      }
      told = { cursor: next.cursor, revisionToken };
      const completeAt = area.identifier.databaseNow() - (deps.replica.ageMs() ?? Infinity);
      yield toMessage(key(), next, { revisionToken, completeAt });
    }
  } finally {
    stopLog();
    stopReplica();
    release();
    alarm.close();
  }
}

/** What a message said: how far changes are told, and the configuration. */
interface Told {
  readonly cursor: RevocationCursor;
  readonly revisionToken: string;
}

/** What is to be said when no change is: another configuration than before. Before the first message nobody keeps anything. */
function configurationNews(
  told: Told | undefined,
  revisionToken: string,
): RevocationBatch | undefined {
  if (told === undefined || told.revisionToken === revisionToken) return undefined;
  return { revocations: [], cursor: told.cursor };
}

/** What the peer may be told now. A batch of changes is most often of few realms. */
function createFilter(
  { replica }: RpcDeps,
  actor: CredentialCall["actor"],
): (change: Pick<FeedNews["changes"][number], "realm">) => boolean {
  const snapshot = replica.current()?.snapshot;
  const realms = new Map<string, boolean>();
  return ({ realm }) => {
    if (snapshot === undefined) return false;
    let may = realms.get(realm);
    if (may === undefined) {
      may = mayIn(snapshot, actor, permission, realm);
      realms.set(realm, may);
    }
    return may;
  };
}

function toMessage(
  key: Uint8Array,
  { revocations, cursor }: RevocationBatch,
  configuration: { readonly revisionToken: string; readonly completeAt: number },
): Message {
  const { revisionToken } = configuration;
  // What is told is complete only as far as both are known that it tells of.
  const completeAt = Math.max(0, Math.min(cursor.completeAt, configuration.completeAt));
  return {
    revocations: revocations.map(({ subjectUid, credentialId = "", version }) => ({
      ...{ subjectUid, credentialId, version },
    })),
    cursor: formatCursor(key, cursor),
    completeAt: timestampFromMs(Math.floor(completeAt)),
    revisionToken,
  };
}

function tooOld(): DomainError {
  const message =
    "nobody can tell what was revoked since then: drop the cache, and start without a cursor";
  return new DomainError("CURSOR_TOO_OLD", message);
}

function tooSlow(): DomainError {
  const message = `more than ${maxBacklog} changes wait to be read: drop the cache, and start without a cursor`;
  return new DomainError("LIMIT_EXCEEDED", message, { limit: "watch_backlog" });
}
