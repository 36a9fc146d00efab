/** One thing that is wrong, or probably not meant, in a configuration. */
export interface ConfigProblem {
  /** An error refuses the configuration; a warning does not. */
  readonly severity: "error" | "warning";
  /** The file as its input names it; empty when the problem lies in no file of this source. */
  readonly file: string;
  /** From 1; 0 when unknown. */
  readonly line: number;
  /** From 1; 0 when unknown. */
  readonly column: number;
  /** The field, e.g. `projects[0].realms[2].bindings[1].role`; empty for the whole file. */
  readonly path: string;
  /** What is wrong; names in it are quoted. */
  readonly message: string;
  /** What to do about it; may be empty. */
  readonly hint: string;
}
