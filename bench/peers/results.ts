import type { ClientKind, ClientRound } from "./clients/client-worker.ts";
import type { LibraryRound, SmallWorldNotes } from "./in-process/library-worker.ts";
import type { LoadingFigures } from "./loading/measure-loading.ts";
import type { LoadResult } from "../transport/messages.ts";
import type { EngineRound, WorldNotes } from "./messages.ts";
import type { ModeName, PeersPlan, Scale } from "./plan.ts";
import type { Row } from "./rows.ts";

/** One run, with the processor time of the server. */
export interface MeasuredRun extends LoadResult {
  /** Seconds of the server's process with all its threads; NaN where the system does not tell. */
  readonly serverCpuSeconds: number;
}

/** All runs of one row, a list for each way of asking. */
export interface RowFigures {
  readonly row: Row;
  readonly runs: Readonly<Record<ModeName, readonly MeasuredRun[]>>;
}

/** What casbin, cedar-wasm and we cost on a world of some realms. */
export interface LibraryFigures {
  readonly notes: SmallWorldNotes;
  readonly rounds: readonly LibraryRound[];
}

/** What the comparison came to. What was not measured is empty or undefined. */
export interface PeersResults {
  readonly plan: PeersPlan;
  readonly quick: boolean;
  readonly seconds: number;
  /** Rounds that were made; fewer than planned when the time was over. */
  readonly rounds: number;
  /** Whether servers and load had a core each. */
  readonly pinned: boolean;
  readonly versions: Readonly<Record<string, string>>;
  /** What was left out, and why. */
  readonly leftOut: readonly string[];
  readonly worlds: Readonly<Partial<Record<Scale, WorldNotes>>>;
  /** The fixed rate of paced calls, the same for all rows. */
  readonly perSecond: number;
  readonly rows: readonly RowFigures[];
  readonly clients: Readonly<Partial<Record<ClientKind, readonly ClientRound[]>>>;
  readonly engine: Readonly<Partial<Record<Scale, readonly EngineRound[]>>>;
  readonly libraries: readonly LibraryFigures[];
  readonly loading: LoadingFigures | undefined;
}
