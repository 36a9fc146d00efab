import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import { mayInSomeRealm } from "../../commands/credential/may-in-some-realm.ts";
import { mayIn, permissionRequired } from "../../commands/credential/require-permission.ts";
import type { FeedNews } from "../../credentials/identifier.ts";
import { missedRevocations } from "../../credentials/missed-revocations.ts";
import { formatCursor, parseCursor } from "../../credentials/revocation-cursor.ts";
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
import { beginCredentialCall, type CredentialCall } from "./begin-credential-call.ts";
import type { TakeSlot } from "./watch-slots.ts";

type Message = MessageInitShape<typeof WatchRevocationsResponseSchema>;

const permission = "fleetgate.callers.identify";

/** How often a stream looks whether its peer may still have it, in milliseconds. */
const lookMs = 1_000;

/**
 * Tells what must not be taken from caches any more, of the realms in which the peer may identify callers at that moment: as soon as
 * it is known here, and each second that all is. Says nothing while the log is not followed, so that whoever hears nothing
 * knows. Ends when the peer's credential does, or when it may do so in no realm any more, with LIMIT_EXCEEDED for who reads too slowly, and
 * with CURSOR_TOO_OLD when the log was not followed without a gap.
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
  const release = takeSlot(actor.identity);
  const key = (): Uint8Array => deps.replica.current()?.tokenKey ?? new Uint8Array(0);
  const from = cursor === "" ? undefined : parseCursor(key(), cursor);
  const queue = createRevocationQueue(from);
  const alarm = createAlarm(signal);
  // Before what was missed is read, so that nothing falls between.
  const stop = area.identifier.watch(({ changes, cursor: reached, hasGap }) => {
    if (hasGap) queue.interrupt();
    else queue.add(changes.filter(createFilter(deps, actor)), reached);
    alarm.ring();
  });
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
      if (batch === undefined) await alarm.wait(lookMs);
      else yield toMessage(key(), batch);
    }
  } finally {
    stop();
    release();
    alarm.close();
  }
}

type Told = Pick<FeedNews["changes"][number], "realm">;

/** What the peer may be told now. A batch of changes is most often of few realms. */
function createFilter(
  { replica }: RpcDeps,
  actor: CredentialCall["actor"],
): (change: Told) => boolean {
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

function toMessage(key: Uint8Array, { revocations, cursor }: RevocationBatch): Message {
  return {
    revocations: revocations.map(({ subjectUid, credentialId = "", version }) => ({
      ...{ subjectUid, credentialId, version },
    })),
    cursor: formatCursor(key, cursor),
    completeAt: timestampFromMs(Math.floor(cursor.completeAt)),
  };
}

/** What wakes who waits for something to do. */
interface Alarm {
  readonly ring: () => void;
  /** Waits until it rings, at most so long; not at all when it rang since the last time. */
  readonly wait: (ms: number) => Promise<void>;
  readonly close: () => void;
}

function createAlarm(signal: AbortSignal): Alarm {
  let rang = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    rang = true;
    wake?.();
  };
  signal.addEventListener("abort", ring);
  return {
    ring,
    wait: async (ms) => {
      if (!rang && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      [rang, wake] = [false, undefined];
    },
    close: () => {
      wake?.();
      signal.removeEventListener("abort", ring);
    },
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
