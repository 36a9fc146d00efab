import type { Logger } from "pino";
import type { CallRecord } from "../rpc/call.ts";
import { plainCallLine } from "./call-line.ts";
import { createLimitedLog, type LimitedLevel } from "./limited-log.ts";
import { linesOf } from "./log.ts";
import { visible } from "./visible.ts";

/** Writes calls to the log. */
export interface CallLog {
  /** Writes the line of a call that has ended, if it deserves one. */
  logCall(record: CallRecord): void;
  /** Says what was left out last. */
  close(): void;
}

/**
 * Makes the log of calls: every call with `everyCall`; otherwise only denials and errors, of which each
 * kind (method, code, reason) has a bounded number of lines a second.
 */
export function createCallLog(log: Logger, options: { readonly everyCall: boolean }): CallLog {
  const limited = createLimitedLog(log);
  const lines = linesOf(log);
  return {
    logCall(record) {
      const level = levelOf(record);
      if (options.everyCall) {
        const message = messageOf(record);
        const isPlain = lines !== undefined && log.isLevelEnabled(level);
        const line = isPlain ? plainCallLine(level, record, message) : undefined;
        if (line === undefined) log[level](fieldsOf(record), message);
        else lines?.writeSoon(line);
      } else if (
        (record.code !== "ok" || record.cause !== undefined) &&
        log.isLevelEnabled(level)
      ) {
        const kind = `${visible(record.method)} ${record.code} ${record.reason}`;
        limited.write(level, kind, () => fieldsOf(record), messageOf(record));
      }
    },
    close() {
      lines?.flush();
      limited.close();
    },
  };
}

// Faults of ours, which no peer can bring about at will.
const faults: ReadonlySet<string> = new Set(["CHECK_UNAVAILABLE", "INTERNAL_FAULT"]);

// Connect itself says "internal" of a body that it cannot read.
const warnings: ReadonlySet<string> = new Set([
  "internal",
  "data_loss",
  "unavailable",
  "resource_exhausted",
  "deadline_exceeded",
]);

function levelOf({ code, reason, cause }: CallRecord): LimitedLevel {
  if (faults.has(reason) || (code === "ok" && cause !== undefined)) return "error";
  return warnings.has(code) ? "warn" : "info";
}

function messageOf(record: CallRecord): string {
  if (record.code === "ok") {
    return record.cause === undefined ? "call" : "a check of a batch could not be made";
  }
  if (record.code === "permission_denied") return "call denied";
  return "call failed";
}

function fieldsOf(record: CallRecord): object {
  return {
    rpc: visible(record.method),
    protocol: record.protocol,
    code: record.code,
    ...optional("reason", record.reason),
    ms: Math.round(record.ms * 1000) / 1000,
    request_id: visible(record.requestId),
    ...optional("peer", record.peer),
    ...optional("credential", record.credential),
    ...optional("caller", record.caller),
    ...optional("permission", record.permission),
    ...optional("error", record.message, 2000),
    ...(record.cause === undefined ? {} : { err: record.cause }),
  };
}

function optional(name: string, text: string, maxLength?: number): Record<string, string> {
  return text === "" ? {} : { [name]: visible(text, maxLength) };
}
