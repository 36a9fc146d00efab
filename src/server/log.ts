import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from "pino";
import { createLogLines, type LogLines } from "./log-lines.ts";
import type { LogLevel } from "./log-levels.ts";
import { redactFields, redactLine } from "./log-redaction.ts";

/**
 * Makes the log of a process: one JSON object a line (`level` as a word, `time` in ISO 8601, `msg`), to
 * standard error unless `output` is given. Secrets are taken out by the name of their field and by their
 * form, wherever they stand in the line.
 */
export function createLog(options: {
  readonly level: LogLevel;
  readonly output?: DestinationStream;
}): Logger {
  const { output } = options;
  // Lines to an output of somebody else's are there as soon as they are logged.
  const lines =
    output === undefined ? createLogLines(destination({ dest: 2, sync: true })) : atOnce(output);
  const log = pino(
    {
      level: options.level,
      // Neither process id nor host name: who collects the lines knows both.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: redactFields,
      },
      // redactFields has described the errors, whatever field they stand in.
      serializers: { err: (description: unknown) => description },
      hooks: {
        streamWrite: redactLine,
        logMethod(args, method) {
          const [fields, message] = args as unknown[];
          // Without a message pino would repeat that of the error, however long.
          if (message === undefined && isFailure(fields)) method.call(this, fields, "failed");
          else method.apply(this, args);
        },
      },
    },
    lines,
  );
  linesOfLogs.set(log, lines);
  return log;
}

/**
 * Where the lines of a log go that createLog made, for whoever makes whole lines itself: they must be as the log would
 * write them, without anything that it would take out. Undefined for any other log, such as a child.
 */
export function linesOf(log: Logger): LogLines | undefined {
  return linesOfLogs.get(log);
}

const linesOfLogs = new WeakMap<Logger, LogLines>();

function atOnce(output: DestinationStream): LogLines {
  const write = (line: string): void => output.write(line);
  return { write, writeSoon: write, flush: () => {} };
}

function isFailure(fields: unknown): fields is object {
  if (typeof fields !== "object" || fields === null) return false;
  return fields instanceof Error || ("err" in fields && fields.err instanceof Error);
}
