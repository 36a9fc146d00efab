import type { Storage } from "../../storage/database.ts";
import { readAcceptedRestores } from "../../storage/accepted-restores.ts";
import { readChangeHashIn, readPosition } from "../../storage/revision-point.ts";
import { inShortReadTransaction } from "../../storage/transaction.ts";
import { isSameHash } from "../history.ts";
import {
  createReplica,
  type KeptState,
  type Replica,
  type ReplicaEvents,
  type ReplicaOptions,
} from "../replica.ts";
import type { SnapshotHead } from "./head.ts";
import { openSnapshot, type OpenSnapshot } from "./open-snapshot.ts";
import { createSnapshotKeeper, type KeeperEvents, type SnapshotKeeper } from "./snapshot-keeper.ts";

/** What a replica is started with. */
export interface StartDeps {
  readonly storage: Storage;
  readonly options: ReplicaOptions;
  readonly events: ReplicaEvents;
  /** Where the state is kept; undefined: nowhere. */
  readonly file: SnapshotFile | undefined;
  /** Why storage could not be asked just now; undefined: it answers. */
  readonly silence: Error | undefined;
}

/** Where a state is kept, by which release, and who hears about it. */
export interface SnapshotFile {
  readonly path: string;
  readonly release: string;
  /** The time, in milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly events: SnapshotFileEvents;
}

/** Who is told of a snapshot file. */
export interface SnapshotFileEvents extends KeeperEvents {
  /** The file must not be used (SnapshotFileError) or cannot be read: it is as if there were none. */
  readonly onRefused: (error: unknown) => void;
  /** The replica began with the state of the file, which storage confirmed so many milliseconds ago. */
  readonly onUsed: (kept: KeptState) => void;
}

/** A replica that follows, and the keeper of its file. */
export interface StartedReplica {
  readonly replica: Replica;
  readonly keeper: SnapshotKeeper | undefined;
}

/**
 * Starts a replica. Storage goes first: while it answers, everything is loaded from it. The state of the file is
 * taken when storage does not answer; and when storage does not continue the history that the file is in, which the
 * replica then refuses as a running one would. Throws `silence` when there is neither.
 */
export async function startReplica(deps: StartDeps): Promise<StartedReplica> {
  const { file, options, silence } = deps;
  if (file === undefined) {
    if (silence !== undefined) throw silence;
    return { replica: await startFresh(deps), keeper: undefined };
  }
  const { path, release, wallClock, events } = file;
  const { now } = options;
  const opened = await open(file, options);
  let kept: KeptState | undefined;
  let replica: Replica | undefined;
  try {
    if (silence === undefined && (opened === undefined || (await isFollowed(deps, opened.head)))) {
      replica = await startFresh(deps);
    }
    if (replica?.current() === undefined && opened !== undefined) {
      kept = await read(opened, deps, file);
      if (kept !== undefined) {
        await replica?.close();
        replica = startFrom(deps, kept);
      }
    }
  } finally {
    await opened?.close();
  }
  if (replica === undefined) {
    if (silence !== undefined) throw silence;
    replica = await startFresh(deps);
  }
  const startedFrom = kept === undefined ? undefined : opened?.confirmedAt;
  const keeper = createSnapshotKeeper({
    ...{ path, release, wallClock, now, replica, startedFrom, events },
  });
  return { replica, keeper };
}

async function startFresh({ storage, options, events }: StartDeps): Promise<Replica> {
  const replica = createReplica(storage, options, events);
  await replica.start();
  return replica;
}

/** Serves at once; storage is looked for meanwhile. */
function startFrom({ storage, options, events }: StartDeps, kept: KeptState): Replica {
  const replica = createReplica(storage, options, events, kept);
  void replica.start();
  return replica;
}

async function open(
  { path, release, wallClock, events }: SnapshotFile,
  { maxStalenessMs }: ReplicaOptions,
): Promise<OpenSnapshot | undefined> {
  try {
    return await openSnapshot(path, { release, maxStalenessMs, now: wallClock });
  } catch (error) {
    events.onRefused(error);
    return undefined;
  }
}

async function read(
  opened: OpenSnapshot,
  { events: { onWarning } }: StartDeps,
  { events }: SnapshotFile,
): Promise<KeptState | undefined> {
  try {
    const kept = await opened.read(onWarning);
    events.onUsed(kept);
    return kept;
  } catch (error) {
    events.onRefused(error);
    return undefined;
  }
}

/** Whether the database continues the history of the file, or leads into one that was accepted since. */
async function isFollowed({ storage }: StartDeps, head: SnapshotHead): Promise<boolean> {
  try {
    return await inShortReadTransaction(storage, async (tx) => {
      const point = await readPosition(tx);
      const hash = await readChangeHashIn(tx, head.revision);
      const isMine =
        point.databaseId === head.databaseId &&
        point.revision >= head.revision &&
        (head.revision === 0n || (hash !== undefined && isSameHash(hash, head.chainHash)));
      if (isMine) return true;
      const restores = [...(await readAcceptedRestores(tx))];
      return restores.some((id) => !head.acceptedRestores.has(id));
    });
  } catch {
    // It fell silent: what is in the file serves until it is back.
    return false;
  }
}
