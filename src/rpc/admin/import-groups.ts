import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { limitExceeded } from "../../commands/group/group-errors.ts";
import type { ImportGroupsInput } from "../../commands/group/import-groups.ts";
import { createImportedGroups } from "../../commands/group/imported-groups.ts";
import type { CommandDeps } from "../../commands/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import type {
  ImportGroupsRequest,
  ImportGroupsResponseSchema,
  ImportOptions,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { callOf } from "../call.ts";
import type { RpcDeps } from "../deps.ts";
import { inTime, type Patience } from "../in-time.ts";
import { beginAdminCall } from "./begin-admin-call.ts";
import { effectsField, fromWrite } from "./group-message.ts";
import type { AdminOperations } from "./operations.ts";

/** How many imports a process takes in at once, one of a peer: each may hold much. */
export const maxImports = 2;

/** How long an import may send nothing, and how long it may take to send all. */
export const importPatience: Patience = { idleMs: 30_000, allMs: 10 * 60_000 };

/** Creates the implementation of ImportGroups. */
export function createImportGroups(
  deps: RpcDeps,
  operations: AdminOperations,
): (
  requests: AsyncIterable<ImportGroupsRequest>,
  context: HandlerContext,
) => Promise<MessageInitShape<typeof ImportGroupsResponseSchema>> {
  const running = new Set<Identity | undefined>();
  return async (requests, context) => {
    const peer = callOf(context.values).peer?.identity;
    if (running.has(peer)) {
      throw limitExceeded("imports", "this server takes in one import of a peer at once; retry");
    }
    if (running.size >= maxImports) {
      throw limitExceeded("imports", `this server takes in ${maxImports} imports at once; retry`);
    }
    running.add(peer);
    try {
      const input = await readImport(inTime(requests, importPatience, tooLate), context.signal);
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { revisionToken, effects, groupsEmptied, ...counts } = await operations.importGroups(
        whileAsked(commands, context.signal),
        author,
        input,
      );
      return {
        ...counts,
        groupsEmptied: [...groupsEmptied],
        revisionToken: answerAt(revisionToken),
        ...effectsField(effects),
      };
    } finally {
      running.delete(peer);
    }
  };
}

/**
 * Commands that change nothing once the peer has gone away. Some clients of HTTP/2 end the stream properly when they
 * fail half-way, and reset it in the same breath: what came until then must not pass for all groups of the prefix.
 */
function whileAsked(commands: CommandDeps, signal: AbortSignal): CommandDeps {
  return {
    ...commands,
    admit: (state) => {
      signal.throwIfAborted();
      commands.admit?.(state);
    },
  };
}

/** Takes the messages in, none of which is kept longer than what it says. Fails with INVALID_FIELD and LIMIT_EXCEEDED. */
async function readImport(
  requests: AsyncIterable<ImportGroupsRequest>,
  signal: AbortSignal,
): Promise<ImportGroupsInput> {
  let options: ImportOptions | undefined;
  let groups: ReturnType<typeof createImportedGroups> | undefined;
  let messages = 0n;
  let ended = false;
  for await (const { part } of requests) {
    signal.throwIfAborted();
    if (ended) throw invalidField("end", endRule);
    if (groups === undefined) {
      if (part.case !== "options") throw invalidField("options", optionsRule);
      options = part.value;
      groups = createImportedGroups(options.prefix);
    } else if (part.case === "group") {
      groups.add(part.value);
      messages += 1n;
    } else if (part.case === "end") {
      if (part.value.messages !== messages) throw invalidField("end.messages", countRule);
      ended = true;
    } else if (part.case === "options") {
      throw invalidField("options", optionsRule);
    } else {
      throw invalidField("part", "must be a group in every message between the first and the last");
    }
  }
  if (options === undefined || groups === undefined) throw invalidField("options", optionsRule);
  // Without it a stream that was cut off would pass for all groups of the prefix.
  if (!ended) throw invalidField("end", endRule);
  return { ...fromWrite(options), prefix: options.prefix, groups: groups.build() };
}

function tooLate(limit: keyof Patience): Error {
  return limit === "idleMs"
    ? limitExceeded(
        "import_idle",
        `the import sent nothing for ${importPatience.idleMs / 1000} seconds; nothing was changed; begin anew`,
      )
    : limitExceeded(
        "import_time",
        `the import was not sent within ${importPatience.allMs / 60_000} minutes; nothing was changed; send less at once`,
      );
}

const endRule = "must be in the last message, and in no other";
const countRule = "must be how many messages with a group were sent";
const optionsRule = "must be in the first message, and in no other";
