import { parseBearerToken } from "../../domain/bearer-token.ts";

/** What a key file holds: a token, or what is wrong with it. */
export type KeyFileContent =
  | { readonly token: string }
  | {
      /** Names the line and never quotes it. */
      readonly problem: string;
    };

/** A token as a header can carry it. The limit leaves room for JWTs. */
const tokenGrammar = /^[\x21-\x7e]{1,16384}$/;

/** Whether a text can be sent as a bearer token. What begins like one of ours must have its checksum right. */
export function isUsableToken(text: string): boolean {
  if (text.startsWith("fg1_")) return parseBearerToken(text) !== undefined;
  return tokenGrammar.test(text);
}

/**
 * Reads the text of a key file: one line, a bare token or `Authorization: Bearer TOKEN` as
 * `fleetgate key create --out` writes it. Empty lines and lines that begin with `#` are skipped.
 */
export function parseKeyFile(text: string): KeyFileContent {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line, index) => ({ text: line.trim(), number: index + 1 }))
    .filter((line) => line.text !== "" && !line.text.startsWith("#"));
  const [line, second] = lines;
  if (line === undefined) return { problem: "it is empty" };
  if (second !== undefined) return { problem: `line ${second.number}: there is more than one key` };
  const token = /^authorization:[ \t]*bearer[ \t]+(.*)$/i.exec(line.text)?.[1] ?? line.text;
  if (isUsableToken(token)) return { token };
  return { problem: `line ${line.number}: neither a token nor \`Authorization: Bearer TOKEN\`` };
}
