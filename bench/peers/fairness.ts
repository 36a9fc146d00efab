import { formatCount, formatNumber, formatShare } from "../table.ts";
import type { PeersResults } from "./results.ts";

/** What a reader must know to be fair to those who are compared, as a list. */
export function formatFairness({ versions, worlds }: PeersResults): string {
  const list = Object.entries(versions)
    .map(([name, version]) => `${name} ${version.replace(/^v/, "")}`)
    .join(", ");
  return [...notes, ...worldNotes(worlds), `Versions: ${list}.`]
    .map((note) => `- ${note}`)
    .join("\n");
}

const notes = [
  "`node:http2` and grpc-js decide nothing, prove nobody, and know no deadline, limit or metric. The fixed bytes do not even wait for the " +
    "request; the bare handler and grpc-js decode it as we do, by protobuf-es. All of them run on the Node that we run on.",
  "stock connect-node is Fleetgate with the fast path off: the same admission, engine, metrics and answers.",
  "Cerbos keeps no memberships: its client sends the groups of the caller that policies name, and the realm of each pool as its kind, and " +
    "somebody must have found them out. Fleetgate looks both up, proves who asks, and decides whether it may ask for others.",
  "Cerbos evaluates general policies with conditions on any attribute, and answers HTTP too; a Fleetgate of ours answers what the " +
    "[semantics](semantics.md) say, and nothing else. Its policies here are made from the same fleet with all inheritance written out: `plain` " +
    "roles list groups as roles, its cheapest way; `derived` roles look for groups in an attribute. Audit, telemetry, metrics and schemas are off, " +
    "policies are files that are not watched, and GOMAXPROCS follows its one core.",
  "Fleetgate has its metrics on and its log as it is by default: denials, and every call only where the row says so, into a file.",
  "casbin and cedar-wasm are libraries: memberships are loaded beforehand, policies parsed once. cedar-wasm is handed the groups of " +
    "the caller with each question, as its API wants it. Both evaluate general policies.",
] as const;

function worldNotes({ "100k": world }: PeersResults["worlds"]): readonly string[] {
  if (world === undefined) return [];
  return [
    `The fleet of the rows without a size: ${formatCount(world.memberships)} memberships in ${formatCount(world.groups)} groups, ` +
      `${formatCount(world.realms)} realms, ${formatCount(world.pools)} pools. Of the checks of a batch of 50, ` +
      `${formatShare(world.permittedShare50)} are permitted, of 1,000 ${formatShare(world.permittedShare1000)}. ` +
      `Cerbos has policies for the ${formatCount(world.cerbosRealms)} realms that pools are in; its client sends ` +
      `${formatNumber(world.groupsSent)} groups (the median).`,
  ];
}
