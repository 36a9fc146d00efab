/** The options of `key create`. */
export interface CreateOptions {
  readonly identity?: string;
  readonly description: string;
  /** Milliseconds. */
  readonly ttl?: number;
  /** False: the key has none. */
  readonly expiry: boolean;
  readonly reason: string;
  readonly out?: string;
  readonly bootstrap?: boolean;
  readonly breakGlass?: boolean;
  readonly embedded?: string;
}
