import { DrydockError, Problem } from '../errors';
import { Caller } from './caller';
import { EcrError } from './ecr-error';
import { readFaultScript } from './faults/read';
import { FaultScript } from './faults/script';
import type { Authorization } from './permissions';
import { DirectorySource } from '../iam/directory';
import { Inventory, Timestamp } from '../lifecycle/model';
import { PreviewOutcome } from './registry/records';
import { Door } from './server';
import { millisecondsOf } from './time';

export interface EmulatorOptions {
  /** @default 0 any free port */
  readonly port?: number;
  /** Repositories and images to begin with. A data directory that holds a registry already keeps what it has. */
  readonly seed?: Inventory;
  /** Directory in which the registry outlives the process. @default - in memory */
  readonly data?: string;
  /** The registry's time; it stands still there until it is moved. @default - real time, or where the data directory's clock stood */
  readonly now?: Timestamp;
  /** How long every call takes, in real milliseconds. @default 0 */
  readonly latencyMs?: number;
  /**
   * How long a lifecycle policy preview stays IN_PROGRESS: until as many milliseconds have passed in real time or by the
   * emulator's clock, whichever comes first. @default 0 complete at the first look
   */
  readonly previewMs?: number;
  /** How long a completed preview is kept before it is EXPIRED, in milliseconds of the emulator's clock. @default - until replaced */
  readonly previewExpiresMs?: number;
  /** How a preview ends. @default COMPLETE */
  readonly previewOutcome?: PreviewOutcome | ((preview: { readonly repositoryName: string; readonly lifecyclePolicyText: string }) => PreviewOutcome);
  /** Whether a preview lists images that a rule marks but an index still holds; AWS does not say. @default false */
  readonly previewListsHeldImages?: boolean;
  /** How long a restoration from the archive takes, in milliseconds of the emulator's clock. @default 300000 */
  readonly restoreMs?: number;
  /** @default - the account of the seed, or 123456789012 */
  readonly accountId?: string;
  /** @default us-east-1 */
  readonly region?: string;
  /** Principals of repository policies that IAM does not know (yet, or any more). @default - every well-formed principal is known */
  readonly unknownPrincipals?: readonly string[] | ((principal: string) => boolean);
  /** Accept manifests whose layers were never uploaded. @default false */
  readonly allowMissingLayers?: boolean;
  /** Smaller quotas than ECR's, for tests. */
  readonly quotas?: Partial<Quotas>;
  /**
   * Users and roles by access key id, with their policies: what these do not allow is refused. Callers that are not listed may do everything in the registry of
   * their own account, and in that of another what the repository policies allow.
   */
  readonly iam?: DirectorySource;
  /** Told of every decision about a caller that is not allowed everything. */
  readonly onAuthorization?: (authorization: Authorization) => void;
  /** One record for each call and each event. */
  readonly log?: (record: LogRecord) => void;
  /** Told of every call before anything is done. */
  readonly onCall?: (call: { readonly operation: string; readonly input: Readonly<Record<string, unknown>> }) => void;
  /** Other services at the same address, which are asked first. */
  readonly doors?: readonly Door[];
  /** May delay, refuse or answer a call, before and after it takes effect. */
  readonly intercept?: Intercept;
  /** Faults by script: throttling, lost answers, stale reads and others. `intercept` is asked before it. @default - none */
  readonly faults?: FaultScript;
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
export interface Quotas {
  readonly repositories: number;
  readonly imagesPerRepository: number;
  readonly tagsPerImage: number;
  readonly tagsPerRepository: number;
  readonly layerParts: number;
  readonly layerBytes: number;
  /** Of every part of a layer but the last. */
  readonly minLayerPartBytes: number;
}

export type LogRecord = Readonly<Record<string, unknown>> & { readonly event: string };

export interface InterceptedCall {
  /** An operation of ECR, `v2:<what>` for the registry protocol (`v2:GetManifest`, `v2:PutBlob`, ...), `DownloadLayer` for download URLs (`before` only). */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /**
   * `before`: checked, nothing done yet. `after`: done and, with a data directory, written. `start` only comes for UploadLayerPart, whose body is
   * taken in as a stream: nothing of it has been read, so the input is empty. Of requests to `/v2/` no body has been read at `before`.
   */
  readonly phase: 'start' | 'before' | 'after';
  /** The how-manieth call of this operation, from 1. */
  readonly number: number;
  readonly caller: Caller;
  /** After: what would be answered. */
  readonly output?: Readonly<Record<string, unknown>>;
  /** After: why the call failed. */
  readonly error?: EcrError;
}

/**
 * What is answered instead. `disconnect` answers nothing and resets the connection; with `afterBytes` it does so in the middle: of the
 * body of UploadLayerPart at `start`, of that of an upload to `/v2/`, of the answer when a layer is downloaded. `corrupt` sends wrong bytes in place of a layer or manifest.
 * `reply` is sent as it is.
 */
export type Interception =
  | { readonly output: Readonly<Record<string, unknown>> }
  | { readonly error: EcrError | { readonly type: string; readonly message: string; readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> } }
  | { readonly disconnect: true; readonly afterBytes?: number }
  | { readonly corrupt: true }
  | { readonly reply: RawReply };

/** An answer that need not be one of ECR's. */
export interface RawReply {
  readonly statusCode: number;
  readonly contentType: string;
  readonly body: string;
}

export type Intercept = (call: InterceptedCall) => Interception | void | Promise<Interception | void>;

/** The options with every default in place, but for those whose absence means something. */
export interface Settings extends EmulatorOptions {
  readonly latencyMs: number;
  readonly previewMs: number;
  readonly restoreMs: number;
  readonly quotas: Quotas;
  readonly isUnknownPrincipal: (principal: string) => boolean;
}

const MIB = 1024 * 1024;
const DEFAULT_QUOTAS: Quotas = {
  repositories: 100_000, imagesPerRepository: 100_000, tagsPerImage: 1000, tagsPerRepository: 50,
  layerParts: 4200, layerBytes: 52_000 * MIB, minLayerPartBytes: 5 * MIB,
};

/** Checks the options, every problem at once. */
export function readOptions(options: EmulatorOptions): Settings {
  const problems: Problem[] = [];
  const refuse = (pointer: string, value: unknown, message: string) =>
    problems.push({ code: 'DD-EMULATOR-002', pointer, value, message: `${pointer} is ${JSON.stringify(value) ?? 'a function'}; ${message}` });

  const { port = 0, accountId, region, now, unknownPrincipals } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    refuse('port', port, 'a port is a whole number from 0 (any free one) to 65535.');
  }
  for (const name of ['latencyMs', 'previewMs', 'previewExpiresMs', 'restoreMs'] as const) {
    const value = options[name];
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && Number.isFinite(value))) {
      refuse(name, value, 'it must be a number of milliseconds, 0 or more.');
    }
  }
  if (accountId !== undefined && !/^[0-9]{12}$/.test(accountId)) {
    refuse('accountId', accountId, 'an AWS account id has twelve digits.');
  }
  if (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-[0-9]+$/.test(region)) {
    refuse('region', region, 'it must be the name of an AWS Region, such as us-east-1.');
  }
  try {
    if (now !== undefined) {
      millisecondsOf(now);
    }
  } catch (error) {
    refuse('now', now, (error as Error).message);
  }
  if (problems.length > 0) {
    throw new DrydockError(problems, { heading: 'The emulator cannot start:' });
  }
  if (options.faults !== undefined) {
    readFaultScript(options.faults);
  }
  return {
    ...options,
    latencyMs: options.latencyMs ?? 0,
    previewMs: options.previewMs ?? 0,
    restoreMs: options.restoreMs ?? 300_000,
    quotas: { ...DEFAULT_QUOTAS, ...options.quotas },
    isUnknownPrincipal: typeof unknownPrincipals === 'function'
      ? unknownPrincipals
      : (principal) => unknownPrincipals?.includes(principal) ?? false,
  };
}
