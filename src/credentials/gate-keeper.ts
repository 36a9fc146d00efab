import {
  areasOf,
  methodAreas,
  type GateArea,
  type MethodArea,
} from "../domain/credential/gate-areas.ts";
import { createSingleFlight } from "../replica/single-flight.ts";
import { createClosedTime } from "./closed-time.ts";

/** A lease on a gate, as far as it closes anything. */
export interface GateLease {
  readonly area: GateArea;
  readonly acquiredAt: Date;
  readonly leaseUntil: Date;
}

/** What a keeper works with. */
export interface GateKeeperDeps {
  /** Reads the leases that live. */
  readonly readGates: () => Promise<readonly GateLease[]>;
  /** The time of the database's clock, in milliseconds since 1970. */
  readonly databaseNow: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Whether this process keeps nothing closed, whoever holds what. */
  readonly ignored: boolean;
  /** None of these may throw. */
  readonly events?: GateEvents | undefined;
}

/** What a keeper tells. */
export interface GateEvents {
  /** The leases cannot be read; told once until `onRecovery`. What was known goes on until the leases end. */
  readonly onFailure?: (error: unknown) => void;
  readonly onRecovery?: () => void;
  /** An area was closed, or opened again, as far as it was looked at. */
  readonly onChange?: (area: MethodArea, closed: boolean) => void;
}

/** How an area fares. */
export interface GateStatus {
  readonly area: MethodArea;
  readonly closed: boolean;
  /** How many calls were refused since the start. */
  readonly refused: number;
}

/** Knows what operators keep closed. */
export interface GateKeeper {
  /** After how many milliseconds a call of a method of this area is to come again, which counts as refused; undefined: it is open. */
  readonly refuse: (area: MethodArea) => number | undefined;
  readonly status: () => readonly GateStatus[];
  /**
   * For how many milliseconds a call that issues a credential may be repeated with its nonce, because its answer may have been lost. That
   * time stands still while these methods are closed: who asks again was sent away.
   */
  readonly lostAnswerMs: () => number;
  /** Reads the leases: when it resolves, what was committed before the call is in force here, if the database answers. Never rejects. */
  readonly refresh: () => Promise<void>;
  /** Begins to read the leases every second. Never rejects. */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** How often the leases are read, in milliseconds. */
export const gatePollMs = 1_000;

/** After how many milliseconds a refused call is to come again, give or take a fifth, so that a fleet does not come back as one. */
export const retryMs = 60_000;
const spread = 0.2;

/** Creates a keeper that knows of no gate: everything is open until it has read one. */
export function createGateKeeper(deps: GateKeeperDeps): GateKeeper {
  const { readGates, databaseNow, random, ignored, events = {} } = deps;
  // When the last lease on each area ends. It opens by itself, since nobody but its holder may keep it closed.
  let closedUntil: Readonly<Record<MethodArea, number>> = { issue: -Infinity, fleet: -Infinity };
  const refused = { issue: 0, fleet: 0 };
  const wasClosed = { issue: false, fleet: false };
  let isReported = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const issueClosed = createClosedTime(retryMs * (1 + spread));
  const flight = createSingleFlight(read);

  function isClosed(area: MethodArea): boolean {
    return databaseNow() < closedUntil[area];
  }

  async function read(): Promise<void> {
    try {
      const leases = await readGates();
      const until = { issue: -Infinity, fleet: -Infinity };
      for (const { area, leaseUntil } of leases) {
        for (const each of areasOf(area)) {
          until[each] = Math.max(until[each], leaseUntil.getTime());
        }
      }
      closedUntil = until;
      noteIssueClosed(leases);
      if (isReported) events.onRecovery?.();
      isReported = false;
    } catch (error) {
      if (!isReported && !closed) events.onFailure?.(error);
      isReported = true;
    }
    for (const area of methodAreas) tellChange(area);
  }

  function noteIssueClosed(leases: readonly GateLease[]): void {
    const since = leases.flatMap(({ area, acquiredAt }) =>
      areasOf(area).includes("issue") ? [acquiredAt.getTime()] : [],
    );
    const now = databaseNow();
    if (since.length === 0) issueClosed.open(now);
    else issueClosed.closed(now, Math.min(...since), closedUntil.issue);
  }

  function tellChange(area: MethodArea): void {
    const now = isClosed(area);
    if (now !== wasClosed[area] && !closed) events.onChange?.(area, now);
    wasClosed[area] = now;
  }

  const refresh = (): Promise<void> => (ignored || closed ? Promise.resolve() : flight.run());

  function schedule(): void {
    if (closed || ignored) return;
    timer = setTimeout(() => {
      void refresh().finally(schedule);
    }, gatePollMs);
    timer.unref();
  }

  return {
    refuse: (area) => {
      if (!isClosed(area)) return undefined;
      refused[area] += 1;
      return Math.round(retryMs * (1 - spread + 2 * spread * random()));
    },
    status: () =>
      methodAreas.map((area) => ({ area, closed: isClosed(area), refused: refused[area] })),
    lostAnswerMs: () => issueClosed.lostAnswerMs(databaseNow()),
    refresh,
    start: async () => {
      await refresh();
      schedule();
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await flight.settled();
    },
  };
}
