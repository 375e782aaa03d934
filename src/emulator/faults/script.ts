/** What shall go wrong, and when: plain data, as a file holds it. `readFaultScript` checks it; schemas/faults.schema.json says the same. */
export interface FaultScript {
  /** Of the chances that rules take. @default 1 */
  readonly seed?: number;
  /** Asked in this order. Delays add up; of several answers the first is given. */
  readonly rules: readonly FaultRule[];
}

export type FaultRule = FaultSelection & Fault;

/** Which calls a rule is about. */
export interface FaultSelection {
  /** For logs and counts. @default - its place in the script */
  readonly name?: string;
  /** Operations of ECR, `v2:<what>` of the registry protocol, or `DownloadLayer`; `*` stands for any text. */
  readonly operation: string | readonly string[];
  /** Which of the calls that all else here selects, counted from 1 for each rule on its own. @default - every one */
  readonly calls?: CallNumbers;
  /** Only about this repository; `*` stands for any text. */
  readonly repositoryName?: string;
  /** Only by this access key id or account id. */
  readonly caller?: string;
  /** Of a selected call. The same seed and the same calls in the same order make the same choices. @default 1 */
  readonly probability?: number;
  /** @default - that of the script */
  readonly seed?: number;
}

/** A number, several, or a range: from `from` (1, or `every`) up to and with `to`, and of these every `every`-th beginning with `from`. */
export type CallNumbers = number | readonly number[] | { readonly from?: number; readonly to?: number; readonly every?: number };

/** Before the call takes effect, which then it does not, or after it has. */
export type FaultTime = 'before' | 'after';

export type Fault =
  /** `ThrottlingException` (400); of the registry protocol `TOOMANYREQUESTS` (429), of downloads `SlowDown` (503). */
  | { readonly fault: 'throttle' }
  /** `ServerException` (500), or one of the others with an empty body. */
  | { readonly fault: 'serverError'; readonly statusCode?: 500 | 502 | 503 | 504; readonly when?: FaultTime }
  /** The connection is reset: the client does not learn what became of its call. */
  | { readonly fault: 'reset'; readonly when?: FaultTime }
  /** The call takes longer; `after`: its effect is there before its answer. */
  | { readonly fault: 'slow'; readonly delayMs: number; readonly when?: FaultTime }
  /** After a write, reads of its repository answer as before it: so many reads, or so long (in real time or by the emulator's clock, whichever comes first). */
  | { readonly fault: 'stale'; readonly reads?: number; readonly ms?: number }
  | { readonly fault: 'accessDenied' }
  /** The preview is FAILED. */
  | { readonly fault: 'fails' }
  /** The preview is EXPIRED, or there is none any more. */
  | { readonly fault: 'expires'; readonly as?: 'EXPIRED' | 'NOT_FOUND' }
  /** Somebody else has started a preview of another policy. */
  | { readonly fault: 'foreign'; readonly lifecyclePolicyText?: string }
  /** A proxy's page, some text, or the answer cut off in the middle (`cut`, always after the effect). */
  | { readonly fault: 'malformed'; readonly content?: 'html' | 'text' | 'cut'; readonly statusCode?: number; readonly when?: FaultTime }
  /** So many of the ids of a batch call, the last ones, come back in `failures`. */
  | { readonly fault: 'partial'; readonly failing?: number; readonly failureCode?: string; readonly failureReason?: string };

export type FaultKind = Fault['fault'];

/** What came of a rule since the script was set. */
export interface FaultCount {
  /** The rule's name, or its place in the script, from 0. */
  readonly rule: string;
  readonly fault: FaultKind;
  /** Calls that the rule selects but for their number and chance. */
  readonly calls: number;
  /** Calls to which the fault really happened; for `stale`, writes that reads were behind. */
  readonly fired: number;
  /** Only for `stale`: reads that were answered as before the write. */
  readonly staleReads?: number;
}
