import { readBearer, type Bearer } from "../admission/authorization.ts";

interface LastBearer {
  readonly text: string;
  readonly bearer: Bearer;
}

const none: Bearer = { kind: "none" };
const lastOf = new WeakMap<object, LastBearer>();

/**
 * What an `authorization` header comes to; undefined: there is none. Of each connection the last one is remembered as
 * long as the connection lives, because nearly all calls of a connection bring the same. What it proves is found out anew.
 */
export function readBearerOnce(connection: object, text: string | undefined): Bearer {
  if (text === undefined) return none;
  const last = lastOf.get(connection);
  if (last !== undefined && isSame(last.text, text)) return last.bearer;
  const bearer = readBearer([text]);
  if (bearer.kind === "api_key" || bearer.kind === "credential")
    lastOf.set(connection, { text, bearer });
  return bearer;
}

// In a time that does not tell how far they agree: others may share the connection by a proxy.
function isSame(known: string, given: string): boolean {
  if (known.length !== given.length) return false;
  let difference = 0;
  for (let index = 0; index < known.length; index += 1) {
    difference |= known.charCodeAt(index) ^ given.charCodeAt(index);
  }
  return difference === 0;
}
