import { createHash } from "node:crypto";
import { invalidField } from "../domain/errors.ts";
import { defaultSource, sourceName } from "../domain/names.ts";
import { hasForbiddenCharacter } from "../domain/text.ts";

const maxTextLength = 1000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The source that a request means: "main" when it names none. Fails with INVALID_FIELD. */
export function requestedSource(source: string): string {
  if (source === "") return defaultSource;
  if (!sourceName.test(source)) throw invalidField("source", sourceName.rule);
  return source;
}

/** Checks free text such as a reason or a description. Fails with INVALID_FIELD. */
export function checkText(field: string, text: string): void {
  if (text.length > maxTextLength || hasForbiddenCharacter(text)) {
    throw invalidField(
      field,
      `must be at most ${maxTextLength} characters without control characters`,
    );
  }
}

/** Checks a request id. Fails with INVALID_FIELD. */
export function checkRequestId(requestId: string): void {
  if (requestId !== "" && !uuid.test(requestId)) {
    throw invalidField("request_id", "must be a UUID or empty");
  }
}

/** A hash of all that a request asks for, by which a repeat is told from a reuse of its request id. */
export function requestHash(method: string, parts: readonly unknown[]): string {
  return createHash("sha256")
    .update(JSON.stringify([method, ...parts]))
    .digest("hex");
}
