import { formatCount, formatNumber, formatShare } from "../table.ts";
import type { PeersResults } from "./results.ts";

/** What a reader must know to be fair to those who are compared. */
export function formatFairness({ versions, worlds }: PeersResults): string {
  const world = worlds["100k"];
  const list = Object.entries(versions)
    .map(([name, version]) => `${name} ${version.replace(/^v/, "")}`)
    .join(", ");
  return [
    `Versions: ${list}.`,
    ...(world === undefined
      ? []
      : [
          `The fleet of the rows without a size: ${formatCount(world.memberships)} memberships in ${formatCount(world.groups)} groups, ` +
            `${formatCount(world.realms)} realms, ${formatCount(world.pools)} pools. Of the checks of a batch of 50, ` +
            `${formatShare(world.permittedShare50)} are permitted, of 1,000 ${formatShare(world.permittedShare1000)}. ` +
            `Cerbos has policies for ${formatCount(world.cerbosRealms)} realms, and its client sends ` +
            `${formatNumber(world.groupsSent)} groups (the median).`,
        ]),
  ].join("\n");
}
