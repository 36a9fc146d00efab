import { inspect } from "node:util";

/** An error as a field of a log line. */
export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  /** Of the system, of SQL, or of ours (`reason`). */
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorDescription;
}

const maxCauses = 5;
const maxLength = 4096;

/**
 * What a log says of an error and its causes. Other fields of an error stay out: those of a database
 * driver repeat rows and parameters.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: bound(inspect(error, { depth: 1 })) };
  }
  const code = "code" in error ? error.code : "reason" in error ? error.reason : undefined;
  return {
    type: error.name,
    message: bound(error.message),
    ...(typeof code === "string" || typeof code === "number" ? { code: bound(String(code)) } : {}),
    ...(error.stack === undefined ? {} : { stack: bound(error.stack) }),
    ...(error.cause === undefined || depth >= maxCauses
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  };
}

function bound(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
}
