/** How the opener learns what became of a claim. */
export type Answer = "get" | "watch";

/** What the load is asked. */
export type LoadRequest =
  /** Connects to another server. */
  | { readonly kind: "connect"; readonly port: number; readonly adminKey: string }
  /** The runner tokens of those who beat. */
  | { readonly kind: "managers"; readonly tokens: readonly string[] }
  /** Enrols managers of new runners by turns. */
  | { readonly kind: "enroll"; readonly managers: number; readonly runners: number }
  /** Opens claims, presents them, and waits for the answer, one after the other, as many at a time. */
  | {
      readonly kind: "claims";
      readonly answer: Answer;
      readonly inFlight: number;
      readonly seconds: number;
    }
  /** Beats for some of the managers by turns: at a rate, or as many at a time. */
  | {
      readonly kind: "beat";
      /** The first of them, and how many they are; past the last one it begins anew. */
      readonly from: number;
      readonly managers: number;
      readonly seconds: number;
      readonly inFlight: number;
      /** Undefined: as fast as it goes. */
      readonly perSecond: number | undefined;
    };

/** What a run of the load came to. */
export interface LoadRun {
  readonly calls: number;
  readonly seconds: number;
  /** Of a call, or of a claim from open to answer; milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly loadCpuSeconds: number;
}
