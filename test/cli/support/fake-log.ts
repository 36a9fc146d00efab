import { toJson } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { ChangeItem_Op as Op } from "../../../src/gen/fleetgate/admin/v1/change_item_pb.ts";
import {
  ChangeService,
  type ListChangesRequest,
  type VerifyChangesRequest,
} from "../../../src/gen/fleetgate/admin/v1/change_service_pb.ts";
import { everyEffect } from "./effects.ts";
import { fleetgateError, startFake } from "./fake-fleetgate.ts";
import { runCli, type CliResult } from "./run-cli.ts";

const at = timestampFromDate(new Date("2030-01-02T03:04:05.678Z"));
const summary = {
  kinds: [
    { kind: "group_member", created: 2, deleted: 1 },
    { kind: "pool", updated: 3 },
  ],
};
const change = { revision: 42n, at, author: "user:ann@example.com", reason: "a\nb", summary };

/** What the tests of one file tell the server to answer, and what it was asked last. */
export interface LogWorld {
  /** How many changes there are. */
  total: number;
  /** Whether the items of a change are kept no more. */
  isPruned: boolean;
  /** Whether VerifyChanges finds no change at all. */
  isEmptyLog: boolean;
  /** What VerifyChanges finds wrong. */
  faults: readonly { readonly revision: bigint; readonly message: string }[];
  /** The metadata of what stands in the way of undoing revision 13. */
  conflict: Readonly<Record<string, string>>;
  /** What ListChanges, GetChange, VerifyChanges and RevertChange were asked by the last command line. */
  listed: ListChangesRequest[];
  shown: object[];
  verified: VerifyChangesRequest | undefined;
  reverted: unknown;
  /** Runs a command line against the server. */
  readonly fleetgate: (...args: readonly string[]) => Promise<CliResult>;
}

/** Starts a server that has changes, for the tests of a file. To be called at the top of the file. */
export async function startLog(): Promise<LogWorld> {
  const fake = await startFake({
    change: {
      listChanges: (request) => {
        world.listed.push(request);
        const from = request.pageToken === "" ? 0 : Number(request.pageToken);
        const to = Math.min(from + request.pageSize, world.total);
        const changes = Array.from({ length: to - from }, (_, index) => ({
          ...change,
          revision: BigInt(world.total - from - index),
        }));
        return { changes, nextPageToken: to < world.total ? String(to) : "", revisionToken: "AQ" };
      },
      getChange: ({ revision, group, pageToken }) => {
        world.shown.push({ revision, group, pageToken });
        const source = group === "" ? "main" : "";
        if (revision === 14n) return { change: { ...change, revision }, revisionToken: "AQ" };
        if (pageToken !== "") {
          const fields = [{ field: "realm", before: '"a:b"', after: '"a:c"' }];
          return { items: [{ kind: "pool", key: "p", op: Op.UPDATE, fields }] };
        }
        return {
          change: { ...change, revision, source, itemsPruned: world.isPruned },
          nextPageToken: "next",
          revisionToken: "AQ",
          items: [
            {
              kind: "binding",
              key: '["a:b","role/r"]',
              op: Op.UPDATE,
              fields: [{ field: "principals", added: ["group:g", "bot:b"], removed: ["bot:c"] }],
            },
            {
              kind: "group_member",
              key: "devs user:ann@example.com",
              op: Op.CREATE,
              fields: [
                { field: "group", after: '"devs"' },
                { field: "member", after: '"user:Ann@example.com"' },
              ],
            },
            {
              kind: "group_glob",
              key: "devs bot:*",
              op: Op.DELETE,
              erased: true,
              fields: [
                { field: "group", before: '"devs"' },
                { field: "glob", before: '"bot:*"' },
              ],
            },
          ],
        };
      },
      verifyChanges: (request) => {
        world.verified = request;
        if (request.firstRevision === 10n || world.isEmptyLog) return { faults: [...world.faults] };
        return {
          firstRevision: 1n,
          lastRevision: 9n,
          changes: 9n,
          items: 1n,
          changesPruned: 2n,
          itemsErased: 1n,
          changesErased: 2n,
          faults: [...world.faults],
        };
      },
      revertChange: (request) => {
        world.reverted = toJson(ChangeService.method.revertChange.input, request);
        if (request.revision === 13n) {
          const metadata = world.conflict;
          throw fleetgateError(Code.FailedPrecondition, "REVERT_CONFLICT", "in the way", metadata);
        }
        const effects = request.validateOnly ? { effects: everyEffect } : {};
        return { revisionToken: "AQ", summary, ...effects };
      },
    },
  });

  const world: LogWorld = {
    total: 2,
    isPruned: false,
    isEmptyLog: false,
    faults: [],
    conflict: {},
    listed: [],
    shown: [],
    verified: undefined,
    reverted: undefined,
    fleetgate: (...args) => {
      world.listed = [];
      world.shown = [];
      world.verified = undefined;
      world.reverted = undefined;
      return runCli([...args, "--endpoint", fake.endpoint]);
    },
  };
  return world;
}
