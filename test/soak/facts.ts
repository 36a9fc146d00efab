/** What is known about one identity whose membership is written. */
export interface Fact {
  readonly identity: string;
  readonly group: string;
  /** What the writes so far say, newest last; the first is that it is no member. */
  readonly versions: Version[];
  /** Whether a write of it is under way: its outcome is not known. */
  writing: boolean;
}

/** What an acknowledged write says. */
export interface Version {
  readonly member: boolean;
  /** The revision token of the answer; undefined before the first write. */
  readonly token: string | undefined;
}

/** A question that has one right answer, whichever writes are under way. */
export interface Question {
  readonly fact: Fact;
  /** How many versions were acknowledged when it was asked. */
  readonly known: number;
  /** The token of the last of them. */
  readonly token: string | undefined;
}

/** What is known of all identities. */
export interface Facts {
  readonly all: readonly Fact[];
  readonly add: (identity: string, group: string) => Fact;
  /** Begins a question about an identity. */
  readonly ask: (fact: Fact) => Question;
  /**
   * Whether an answer is right: as the last write that was acknowledged before the question, or as one that was
   * begun since.
   */
  readonly isRight: (question: Question, member: boolean, writing: boolean) => boolean;
}

/** Creates an empty collection. */
export function createFacts(): Facts {
  const all: Fact[] = [];
  return {
    all,
    add(identity, group) {
      const versions = [{ member: false, token: undefined }];
      const fact = { identity, group, versions, writing: false };
      all.push(fact);
      return fact;
    },
    ask: (fact) => ({
      fact,
      known: fact.versions.length,
      token: fact.versions.at(-1)?.token,
    }),
    isRight({ fact, known }, member, writing) {
      const possible = fact.versions.slice(known - 1).map((version) => version.member);
      // A write under way at the beginning or the end of the question may or may not have happened.
      if (writing || fact.writing) possible.push(!(fact.versions.at(-1)?.member ?? false));
      return possible.includes(member);
    },
  };
}
