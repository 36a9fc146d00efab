import { Buffer } from "node:buffer";
import { invalidField } from "../../domain/errors.ts";
import { requestedUuid } from "../credential/fields.ts";
import { isSecretName } from "./one-time-references.ts";

/** One fetch of a one-time secret of a bot. */
export interface FetchName {
  readonly uid: string;
  readonly generation: number;
  /** 128 random bits in base64url. */
  readonly id: string;
  /** The name of the secret. */
  readonly name: string;
}

const form = /^([0-9a-f-]{36})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{22})\.(.*)$/;

/** The text that names a fetch. Not a secret: only who fetched may return it. */
export function formatFetchId({ uid, generation, id, name }: FetchName): string {
  return Buffer.from(`${uid}.${generation}.${id}.${name}`).toString("base64url");
}

/** The fetch that a text names. Fails with INVALID_FIELD. */
export function parseFetchId(text: string): FetchName {
  const bytes = Buffer.from(text, "base64url");
  const [, uid, generation, id, name] = form.exec(bytes.toString("latin1")) ?? [];
  const isOurs = bytes.toString("base64url") === text;
  if (uid === undefined || id === undefined || name === undefined || !isOurs) throw malformed();
  if (!isSecretName(name)) throw malformed();
  return { uid: requestedUuid("fetch_id", uid), generation: Number(generation), id, name };
}

function malformed(): Error {
  return invalidField("fetch_id", "must be the fetch_id of an answer of FetchOnce");
}
