import type { Failure } from "./errors.ts";

/** What a method comes to: its response, or the failure that it ends with. */
export type Reply<Response> =
  { readonly failure: undefined; readonly response: Response } | { readonly failure: Failure };
