/** Who has work done; the server by itself has no share that it could use up. */
export type WorkOf = { readonly peer: string } | "server";

/** Work of many of which some is done at once, so that nobody keeps the others from theirs. */
export interface FairQueue {
  /** Does the work when there is a place for it, and gives what came of it. Fails with the errors of createFairQueue. */
  readonly run: <T>(of: WorkOf, work: () => Promise<T>) => Promise<T>;
}

/** How much there may be of it. */
export interface FairLimits {
  /** How much is done at once: in all; of one peer while others wait. Alone it may have all places but one, into which the next peer comes. */
  readonly places: number;
  readonly placesOfPeer: number;
  /** How much waits: in all; of one peer. */
  readonly waiting: number;
  readonly waitingOfPeer: number;
}

/** What work fails with that is not done. */
export interface FairRefusals {
  readonly tooMany: () => Error;
  readonly tooManyOfPeer: () => Error;
}

interface Waiting {
  readonly begin: () => void;
  readonly refuse: (why: Error) => void;
}

interface Line {
  running: number;
  readonly waiting: Waiting[];
}

/**
 * Creates an empty queue. Each peer has a line of its own, and the lines take turns. Where no more may wait in all, whoever has the longest
 * line loses the end of it to those who have less: many peers together keep nobody out either.
 */
export function createFairQueue(limits: FairLimits, refusals: FairRefusals): FairQueue {
  // Those of whom something waits or runs; whose turn is next, first.
  const lines = new Map<string, Line>();
  let running = 0;
  let waiting = 0;

  /** Whether a line may have one more place: of those that are its own, or of those that nobody has a better right to. */
  function mayBegin(name: string, line: Line, among: "own" | "spare"): boolean {
    if (name === serverName) return true;
    return line.running < (among === "own" ? limits.placesOfPeer : limits.places - 1);
  }

  /** Makes room for one more who waits in a line. Throws when there is none. */
  function makeRoom(name: string, line: Line): void {
    if (name !== serverName && line.waiting.length >= limits.waitingOfPeer) {
      throw refusals.tooManyOfPeer();
    }
    if (waiting < limits.waiting) return;
    const [longest] = [...lines].sort(
      ([, one], [, two]) => two.waiting.length - one.waiting.length,
    );
    // Who comes with as much as everybody has takes nobody's place.
    if (longest === undefined || longest[1].waiting.length <= line.waiting.length + 1) {
      throw refusals.tooMany();
    }
    waiting -= 1;
    longest[1].waiting.pop()?.refuse(refusals.tooMany());
  }

  /** Whose turn it is for a place that is empty. */
  function nextLine(): readonly [string, Line] | undefined {
    for (const among of ["own", "spare"] as const) {
      for (const [name, line] of lines) {
        if (line.waiting.length > 0 && mayBegin(name, line, among)) return [name, line];
      }
    }
    return undefined;
  }

  function passOn(): void {
    const next = nextLine();
    if (next === undefined) return;
    const [name, line] = next;
    // It is the turn of all others before its own comes again.
    lines.delete(name);
    lines.set(name, line);
    waiting -= 1;
    running += 1;
    line.running += 1;
    line.waiting.shift()?.begin();
  }

  return {
    run: async (of, work) => {
      const name = of === "server" ? serverName : `peer ${of.peer}`;
      const line = lines.get(name) ?? { running: 0, waiting: [] };
      // Nobody waits who may have a place that is empty.
      if (running < limits.places && mayBegin(name, line, "spare")) {
        lines.set(name, line);
        running += 1;
        line.running += 1;
      } else {
        makeRoom(name, line);
        lines.set(name, line);
        waiting += 1;
        await new Promise<void>((resolve, reject) => {
          line.waiting.push({ begin: resolve, refuse: reject });
        });
      }
      try {
        return await work();
      } finally {
        running -= 1;
        line.running -= 1;
        if (line.running === 0 && line.waiting.length === 0) lines.delete(name);
        passOn();
      }
    },
  };
}

const serverName = "server";
