import { parseBearerToken, type BearerToken } from "../../domain/bearer-token.ts";

/**
 * The values of every `authorization` header, from the raw list of names and values that Node keeps: its
 * `headers` object silently drops all but the first.
 */
export function readAuthorization(rawHeaders: readonly string[]): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === "authorization") {
      values.push(rawHeaders[index + 1] ?? "");
    }
  }
  return values;
}

// The scheme is case-insensitive; spaces around the value are not part of it. No token has a comma, so
// joined headers never match.
const bearer = /^[ \t]*bearer[ \t]+([A-Za-z0-9_-]+)[ \t]*$/i;
const maxLength = 200;

/** The one API key token that the headers hold, or undefined when they hold anything else. */
export function parseAuthorization(values: readonly string[]): BearerToken | undefined {
  const [value, second] = values;
  if (value === undefined || second !== undefined || value.length > maxLength) return undefined;
  const token = bearer.exec(value)?.[1];
  return token === undefined ? undefined : parseBearerToken(token);
}
