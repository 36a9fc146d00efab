import type { Child } from "../children.ts";
import { rotate } from "../statistics.ts";
import { clientKinds, type ClientKind, type ClientRound } from "./clients/client-worker.ts";
import type { LibraryRound, SmallWorldNotes } from "./in-process/library-worker.ts";
import type { EngineRound, WorldSpec } from "./messages.ts";
import type { PeersPlan, Scale } from "./plan.ts";
import type { LibraryFigures } from "./results.ts";
import type { Stage } from "./stage.ts";

// What has rounds like the rows, but no server of its own.

/** Something that is measured once a round. */
export interface RoundBench<F> {
  readonly round: (round: number) => Promise<void>;
  readonly figures: F;
}

/** As many calls as a client has in flight while its processor time is measured. */
export const clientInFlight = 16;

const answerMs = 120_000;

/** Clients of several kinds against a server that answers fixed bytes, each in a process of its own. */
export async function openClients(
  stage: Stage,
  plan: PeersPlan,
): Promise<RoundBench<Record<ClientKind, ClientRound[]>>> {
  const port = stage.servers.get("bare")?.ports["target"];
  const figures = {} as Record<ClientKind, ClientRound[]>;
  const clients: { readonly kind: ClientKind; readonly child: Child }[] = [];
  const run = ({ child }: (typeof clients)[number], seconds: number): Promise<ClientRound> =>
    child.ask({ kind: "run", inFlight: clientInFlight, seconds }, answerMs);
  for (const kind of clientKinds) {
    const child = stage.startOnLoadCore("./clients/client-worker.ts");
    await child.ask({ kind: "open", client: kind, port }, answerMs);
    figures[kind] = [];
    clients.push({ kind, child });
    await run({ kind, child }, plan.warmUp);
  }
  return {
    figures,
    round: async (round) => {
      for (const client of rotate(clients, round)) {
        figures[client.kind].push(await run(client, plan.client));
      }
    },
  };
}

/** Our engine in the process, on worlds of several sizes. */
export function openEngines(
  stage: Stage,
  plan: PeersPlan,
): RoundBench<Partial<Record<Scale, EngineRound[]>>> {
  const figures: Partial<Record<Scale, EngineRound[]>> = {};
  return {
    figures,
    round: async (round) => {
      for (const [scale, child] of rotate([...stage.engines], round)) {
        const found = await child.ask<EngineRound>(
          { kind: "engine", seconds: plan.engine },
          answerMs,
        );
        (figures[scale] ??= []).push(found);
      }
    },
  };
}

/** casbin, cedar-wasm and our engine in one process, on small worlds. */
export async function openLibraries(
  stage: Stage,
  plan: PeersPlan,
  world: WorldSpec,
): Promise<RoundBench<readonly LibraryFigures[]>> {
  const child = stage.startOnServerCore("./in-process/library-worker.ts");
  await child.ask({ kind: "build", ...world }, answerMs);
  const figures: (LibraryFigures & { readonly rounds: LibraryRound[] })[] = [];
  for (const realms of plan.smallWorlds) {
    const notes = await child.ask<SmallWorldNotes>({ kind: "open", realms }, answerMs);
    figures.push({ notes, rounds: [] });
  }
  const seconds = plan.smallWorld;
  return {
    figures,
    round: async () => {
      for (const [index, realms] of plan.smallWorlds.entries()) {
        const found = await child.ask<LibraryRound>({ kind: "measure", realms, seconds }, answerMs);
        figures[index]?.rounds.push(found);
      }
    },
  };
}
