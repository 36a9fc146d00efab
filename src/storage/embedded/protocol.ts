/** What the thread of the embedded database is started with. */
export interface WorkerInput {
  readonly dataDirectory: string;
}

/** A request to the thread; `id` is repeated in its reply. */
export type WorkerRequest =
  | {
      readonly id: number;
      readonly kind: "query";
      readonly sql: string;
      readonly parameters: readonly unknown[];
    }
  | { readonly id: number; readonly kind: "exec"; readonly sql: string }
  | { readonly id: number; readonly kind: "close" };

/** The result of one statement. */
export interface StatementResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly affectedRows?: number;
  readonly fields: { name: string; dataTypeID: number }[];
}

/** An error as plain data: copying an Error between threads loses its fields. */
export interface WorkerFault {
  readonly message: string;
  /** The SQLSTATE, if the database said it. */
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly constraint: string | undefined;
}

/** A message of the thread: once `ready` (or an exit), then a reply for each request. */
export type WorkerReply =
  | { readonly id: number; readonly kind: "result"; readonly results: readonly StatementResult[] }
  | { readonly id: number; readonly kind: "fault"; readonly fault: WorkerFault }
  | { readonly kind: "ready" };
