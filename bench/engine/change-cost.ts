import type { Snapshot } from "../../src/engine/snapshot.ts";
import { advanceSnapshot } from "../../src/engine/snapshot.ts";

const warmUp = 200;

/**
 * What it costs to add one member to a group, in microseconds, time after time: the next snapshot, ready for checks. The
 * groups of a snapshot take turns. The given snapshot is an old one afterwards.
 */
export function changeCosts(snapshot: Snapshot, count: number): readonly number[] {
  const names = [...snapshot.groups.entries()].map(({ name }) => name);
  const costs: number[] = [];
  let newest = snapshot;
  for (let index = 0; index < warmUp + count; index += 1) {
    const group = names[index % names.length] ?? "";
    const member = `user:bench-${index}@example.com`;
    const begin = performance.now();
    const revision = newest.revision + 1n;
    newest = advanceSnapshot(newest, {
      revision,
      groupChanges: [
        {
          change: {
            kind: "group_member",
            key: `${group} ${member}`,
            before: undefined,
            after: { group, member },
          },
          revision,
          managedBy: "",
        },
      ],
    });
    if (index >= warmUp) costs.push((performance.now() - begin) * 1e3);
  }
  return costs;
}
