import assert from "node:assert/strict";
import { after, before, beforeEach } from "node:test";
import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import type { ImportGroupsInput } from "../../../src/commands/group/import-groups.ts";
import {
  GroupService,
  ImportGroupsRequestSchema,
  type ImportGroupsResponse,
} from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { ErrorInfoSchema } from "../../../src/gen/google/rpc/error_details_pb.ts";
import { bearer, openBench, type Bench } from "./bench.ts";
import type { Wire } from "./wires.ts";
import { createState, keys } from "./world.ts";

/** One message of an import. */
export type ImportMessage = MessageInitShape<typeof ImportGroupsRequestSchema>;

/** The path of the method. */
export const importPath = "/fleetgate.admin.v1.GroupService/ImportGroups";

/** The headers of one who may import. */
export const root = bearer(keys.root.token);

/** The token that every import is answered with. */
export const revisionToken = createState().revisionToken;

/** The message that an import begins with. */
export const options = (more: object = {}): ImportMessage => ({
  part: { case: "options", value: { prefix: "ldap", ...more } },
});

/** A message with members of a group. */
export const some = (name: string, ...members: readonly string[]): ImportMessage => ({
  part: { case: "group", value: { name, members: [...members] } },
});

/** The message that an import ends with. */
export const end = (messages: number): ImportMessage => ({
  part: { case: "end", value: { messages: BigInt(messages) } },
});

/** A message as it is on the wire. */
export function bytesOf(message: ImportMessage): Uint8Array {
  return toBinary(ImportGroupsRequestSchema, create(ImportGroupsRequestSchema, message));
}

/** What a stream came to. */
export interface ImportReply {
  readonly code: string;
  readonly reason: string;
  /** The field that is wrong, or the limit that is reached. */
  readonly field: string;
  readonly response: ImportGroupsResponse | undefined;
}

/** Sends a stream, and ends it properly unless its messages throw. */
export async function send(
  { transport }: Wire,
  messages: AsyncIterable<ImportMessage> | readonly ImportMessage[],
  headers: Readonly<Record<string, string>> = root,
): Promise<ImportReply> {
  const input = Symbol.asyncIterator in messages ? messages : each(messages);
  const { importGroups } = GroupService.method;
  try {
    const answer = await transport.stream(importGroups, undefined, undefined, headers, input);
    let response: ImportGroupsResponse | undefined;
    for await (const message of answer.message) response = message;
    return { code: "ok", reason: "", field: "", response };
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const info = error.findDetails(ErrorInfoSchema)[0];
    return {
      code: codeToString(error.code),
      reason: info?.reason ?? "",
      field: info?.metadata["field"] ?? info?.metadata["limit"] ?? "",
      response: undefined,
    };
  }
}

// oxlint-disable-next-line typescript/require-await -- a transport wants an asynchronous iterable
async function* each(messages: readonly ImportMessage[]): AsyncGenerator<ImportMessage> {
  yield* messages;
}

/** A handler whose imports keep what they were asked instead of writing it. */
export interface ImportBench {
  readonly bench: Bench;
  /** What the imports that got through were asked, until {@link ImportBench.reset}. */
  readonly asked: ImportGroupsInput[];
  /** What an import waits for before it looks at its rights again, as a real one waits for its turn to write. */
  turn: Promise<unknown>;
  /** Called when an import has been read and begins. */
  onImport: () => void;
  /** Forgets what was asked and puts the usual world back. */
  reset(): void;
  onEveryWire(run: (wire: Wire) => Promise<void>): Promise<void>;
}

/** Such a handler for the tests of a suite: in service over every wire before them, and as usual before each. */
export function useImportBench(): () => ImportBench {
  let opened: ImportBench | undefined;
  before(async () => {
    opened = await openImportBench();
  });
  after(() => opened?.bench.close());
  beforeEach(() => opened?.reset());
  return () => opened ?? assert.fail("the bench is open while tests run");
}

async function openImportBench(): Promise<ImportBench> {
  const asked: ImportGroupsInput[] = [];
  const bench = await openBench({
    operations: {
      importGroups: async (deps, _author, input) => {
        opened.onImport();
        await opened.turn;
        deps.admit?.(bench.replica.state ?? assert.fail());
        asked.push(input);
        return {
          groupsCreated: input.groups.size,
          groupsUpdated: 0,
          groupsDeleted: 0,
          groupsEmptied: ["ldap/x"],
          membersAdded: 3,
          membersRemoved: 4,
          revisionToken,
          effects: undefined,
        };
      },
    },
  });
  const opened: ImportBench = {
    bench,
    asked,
    turn: Promise.resolve(),
    onImport: () => {},
    reset: () => {
      bench.replica.state = createState();
      asked.length = 0;
    },
    onEveryWire: async (run) => {
      for (const wire of bench.wires) await run(wire);
    },
  };
  return opened;
}
