import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";

/** The headers of an answer as Node hands them out. */
export type AnswerHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** The headers of an answer as connect hands them out. In the Connect protocol those with a prefix are trailers. */
export interface WebHeaders {
  readonly header: Headers;
  readonly trailer: Headers;
}

const trailerPrefix = "trailer-";

/** All headers of an answer; pseudo-headers are left out. */
export function toWebHeaders(headers: AnswerHeaders): Headers {
  return new Headers(entriesOf(headers));
}

/** The headers of an answer, with the trailers among them apart. */
export function splitTrailers(headers: AnswerHeaders): WebHeaders {
  const entries = entriesOf(headers);
  return {
    header: new Headers(entries.filter(([name]) => !name.startsWith(trailerPrefix))),
    trailer: new Headers(entries.filter(([name]) => name.startsWith(trailerPrefix)).map(bare)),
  };
}

/** Headers and trailers together, as errors have them; a Headers is made of it by whoever makes the error. */
export function metadataOf(headers: AnswerHeaders): Entry[] {
  return entriesOf(headers).map(bare);
}

/** A header. */
export type Entry = [name: string, value: string];

function entriesOf(headers: AnswerHeaders): Entry[] {
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(":")) continue;
    if (typeof value === "string") entries.push([name, value]);
    else for (const one of value) entries.push([name, one]);
  }
  return entries;
}

function bare(entry: Entry): Entry {
  const [name, value] = entry;
  return name.startsWith(trailerPrefix) ? [name.slice(trailerPrefix.length), value] : entry;
}
