import { maxLookUpsAtOnce } from "../../../src/credentials/record-reader.ts";
import type { Verdict } from "../../../src/credentials/verdict.ts";
import type { MemoryWorld } from "./memory-database.ts";
import { tokenOf } from "./records.ts";

/** A token under whose id there is nothing; another for each number. */
export function unknownToken(count: number): string {
  return tokenOf({ kind: "task", id: count.toString(36).padStart(16, "0") });
}

/**
 * Holds up the database while so many look-ups of other sources wait besides those on their way; what is returned lets it go on, and
 * tells what became of them.
 */
export async function load(world: MemoryWorld, waiting: number): Promise<() => Promise<Verdict[]>> {
  const gate = Promise.withResolvers<void>();
  world.held.until = gate.promise;
  const others = Array.from({ length: maxLookUpsAtOnce + waiting }, (_, index) =>
    world.ask(unknownToken(8_000_000 + index), { source: `198.51.100.${index % 200}` }),
  );
  // Until the first of them are on their way.
  await new Promise((resolve) => setImmediate(resolve));
  return () => {
    gate.resolve();
    return Promise.all(others);
  };
}
