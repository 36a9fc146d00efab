import type { ServiceImpl } from "@connectrpc/connect";
import type { ConfigFileInput } from "../../config/read-files.ts";
import { toConfigMessage } from "../../config/to-message.ts";
import { invalidField } from "../../domain/errors.ts";
import type { ConfigFile, ConfigService } from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginAdminCall } from "./begin-admin-call.ts";
import { toChangeItem } from "./change-item-message.ts";
import { toProblem, toSummary } from "./convert-config.ts";
import { toEffects } from "./effects-message.ts";
import { readGuards } from "./read-guards.ts";
import type { AdminOperations } from "./operations.ts";

/** The most files that one request may hold. */
export const maxFiles = 1000;

/** The longest path of a file, in characters. */
export const maxPathLength = 1024;

/** The implementation of ConfigService. */
export function configRoutes(
  deps: RpcDeps,
  operations: AdminOperations,
): ServiceImpl<typeof ConfigService> {
  return {
    validate: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { source } = request;
      const files = readFiles(request.files);
      const validated = await operations.validateConfig(commands, author, { source, files });
      return {
        problems: validated.problems.map(toProblem),
        summary: toSummary(validated.summary),
        revisionToken: answerAt(validated.revisionToken),
      };
    },
    apply: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { source, etag, validateOnly, requestId, reason, summaryOnly } = request;
      const files = readFiles(request.files);
      const guards = readGuards(request.guards);
      const input = { source, files, etag, validateOnly, requestId, reason, guards, summaryOnly };
      const applied = await operations.applyConfig(commands, author, input);
      return {
        revisionToken: answerAt(applied.revisionToken),
        etag: applied.etag,
        summary: toSummary(applied.summary),
        warnings: applied.warnings.map(toProblem),
        ...(applied.effects && { effects: toEffects(applied.effects) }),
        items: applied.changes.map(toChangeItem),
      };
    },
    get: async ({ source, atRevision }, context) => {
      const { commands, answerAt } = beginAdminCall(deps, context);
      const found = await operations.getConfig(commands, { source, atRevision });
      return {
        config: toConfigMessage(found.configuration),
        etag: found.etag,
        revisionToken: answerAt(found.revisionToken),
      };
    },
    export: async ({ source, allSources, atRevision }, context) => {
      const { commands, answerAt } = beginAdminCall(deps, context);
      const input = { source, allSources, atRevision };
      const { text, etag, revisionToken } = await operations.exportConfig(commands, input);
      return { text, etag, revisionToken: answerAt(revisionToken) };
    },
  };
}

function readFiles(files: readonly ConfigFile[]): readonly ConfigFileInput[] {
  if (files.length > maxFiles) throw invalidField("files", `must hold at most ${maxFiles} files`);
  return files.map(({ path, content }, index) => {
    if (path.length > maxPathLength) {
      throw invalidField(`files[${index}].path`, `must be at most ${maxPathLength} characters`);
    }
    switch (content.case) {
      case "text":
        return { path, text: content.value };
      case "config":
        return { path, config: content.value };
      default:
        throw invalidField(`files[${index}]`, "must hold a text or a config");
    }
  });
}
