import type { TextSink } from "./io.ts";

// A bearer token up to its public id, or a grant up to the id of its key; then what is secret. Also of one that was cut off or mistyped.
const secrets = /(fg1_[a-z]{2}_[\w-]{16})_[\w-]+|(fgu1\.[\w-]+)\.[\w.-]+/g;

/** A text with no more of our tokens and grants in it than logs may have. */
export function withoutSecrets(text: string): string {
  return text.replace(secrets, (_, token?: string, grant?: string) => `${token ?? grant ?? ""}...`);
}

/** Whether a text holds a token or a grant. */
export function holdsSecret(text: string): boolean {
  return withoutSecrets(text) !== text;
}

/** Where only what is {@link withoutSecrets} goes: what people type in the wrong place would come back in an error, and so into logs. */
export function sinkWithoutSecrets(sink: TextSink): TextSink {
  return { write: (text) => sink.write(withoutSecrets(text)) };
}
