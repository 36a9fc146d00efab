import { ConnectError } from "@connectrpc/connect";

/**
 * The revision token of an answer: the field of a response, or the header of an error; undefined when there
 * is none. Tokens are opaque: send one as `consistency.atLeastAsFresh`, and ask no more of two than whether they are the same.
 */
export function revisionOf(answer: unknown): string | undefined {
  const token = answer instanceof ConnectError ? headerOf(answer) : fieldOf(answer);
  return token === "" ? undefined : token;
}

function headerOf(error: ConnectError): string | undefined {
  return error.metadata.get("fleetgate-revision") ?? undefined;
}

function fieldOf(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("revisionToken" in answer))
    return undefined;
  return typeof answer.revisionToken === "string" ? answer.revisionToken : undefined;
}
