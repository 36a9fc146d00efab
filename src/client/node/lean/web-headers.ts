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
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(":")) continue;
    for (const one of Array.isArray(value) ? value : [value]) all.append(name, one);
  }
  return all;
}

/** The headers of an answer, with the trailers among them apart. */
export function splitTrailers(headers: AnswerHeaders): WebHeaders {
  const [header, trailer] = [new Headers(), new Headers()];
  for (const [name, value] of toWebHeaders(headers)) {
    if (name.startsWith(trailerPrefix)) trailer.append(name.slice(trailerPrefix.length), value);
    else header.append(name, value);
  }
  return { header, trailer };
}
