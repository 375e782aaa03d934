import { DEFAULT_DELIVERY, DeliverySettings } from './protocol';
import { PreviewTiming } from '../ecr/policy-preview';
import { RetrySettings } from '../ecr/retry';

/** Every wait of the handler, in milliseconds. */
export interface Timing extends RetrySettings, DeliverySettings, PreviewTiming {
  /** Before the function's deadline: time kept for the answer, and before that for taking back what was begun. */
  readonly answerReserveMillis: number;
  readonly undoReserveMillis: number;
  /** Before that: time kept for handing over to another invocation, or for putting what is ready. */
  readonly handoverReserveMillis: number;

  /** After a repository policy was set: how long until it is read again, and by how much that varies. */
  readonly settleMillis: number;
  readonly settleJitterMillis: number;
  /** A policy read longer ago than this is read again before it is set. */
  readonly staleAfterMillis: number;
  /** How long ECR may take to learn of a principal that was made moments ago. */
  readonly principalWindowMillis: number;
  readonly principalRetryMillis: number;

  /** How long reads may lag behind our own write. */
  readonly verifyWindowMillis: number;
  readonly verifyRetryMillis: number;
}

/** In a rehearsal every role is known at once, so what is refused stays refused. Nobody else sets the variable. */
const ACCESS_DENIED_WINDOW = process.env.DRYDOCK_REHEARSED_REGISTRIES === undefined ? 60_000 : 1_000;

export const DEFAULT_TIMING: Timing = {
  ...DEFAULT_DELIVERY,
  retryBaseMillis: 200,
  retryMaxMillis: 10_000,
  transientWindowMillis: 300_000,
  accessDeniedWindowMillis: ACCESS_DENIED_WINDOW,
  answerReserveMillis: 10_000,
  undoReserveMillis: 20_000,
  handoverReserveMillis: 20_000,
  settleMillis: 1_500,
  settleJitterMillis: 500,
  staleAfterMillis: 500,
  principalWindowMillis: 120_000,
  principalRetryMillis: 5_000,
  verifyWindowMillis: 10_000,
  verifyRetryMillis: 250,
  previewPollMillis: 250,
  previewPollMaxMillis: 5_000,
  previewRestarts: 20,
};
