import type { Law } from './laws';
import type { RegistryState } from './registry-state';
import type { CustomResourceEvent } from '../../src/handlers/protocol';

/** What a planted mistake can reach besides the handler itself. */
export interface Reach {
  /** Of the stack, at this moment. */
  status(): string;
  state(): RegistryState;
  /** An operation of ECR, with the handlers' rights and no trouble. */
  call(operation: string, input: object): Promise<any>;
  /** An answer to CloudFormation. */
  answer(event: CustomResourceEvent, status?: 'SUCCESS' | 'FAILED'): Promise<void>;
}

/** A mistake that a handler could make. It stands between CloudFormation and the handlers' own code, which stays as it is. */
export interface Mutation {
  readonly name: string;
  /** Any of these is broken by it. */
  readonly breaks: readonly Law[];
  /** In place of the handler; `work` is what the handler does with an event. */
  readonly handle?: (event: CustomResourceEvent, work: (event: CustomResourceEvent) => Promise<unknown>, reach: Reach) => Promise<unknown>;
  /** In place of the answer. */
  readonly alter?: (answer: Record<string, any>, event: Readonly<Record<string, any>>) => Record<string, any>;
  /** In place of a record of the log. */
  readonly record?: (record: Record<string, any>) => Record<string, any>;
}
