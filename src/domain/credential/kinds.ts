import type { BearerTokenKind } from "../bearer-token.ts";

/** The kinds of credentials that stand for a bot or a task, as storage names them. */
export const credentialKinds = ["boot", "session", "resume", "task"] as const;

/** A kind of credential that stands for a bot or a task. */
export type CredentialKind = (typeof credentialKinds)[number];

/** The kinds of subjects: whom credentials stand for. */
export const subjectKinds = ["bot", "task"] as const;

/** A kind of subject; also the kind of its identity. */
export type SubjectKind = (typeof subjectKinds)[number];

/** The two letters of each kind in the text of its tokens. */
export const kindLetters: Readonly<Record<CredentialKind, BearerTokenKind>> = {
  boot: "bb",
  session: "bs",
  resume: "br",
  task: "tk",
};

const byLetters: ReadonlyMap<string, CredentialKind> = new Map(
  credentialKinds.map((kind) => [kindLetters[kind], kind]),
);

/** The kind that two letters stand for; undefined: an API key, or nothing that we know. */
export function credentialKindOf(letters: string): CredentialKind | undefined {
  return byLetters.get(letters);
}
