/**
 * Stands in for '@smithy/core/event-streams' in the handler's bundle (scripts/bundle.js): no operation of ECR or CloudFormation streams
 * events, and the SDK loads its code for them only for those that do.
 */
export function eventStreamSerdeProvider(): never {
  throw new Error('This bundle of the AWS SDK has no event streams.');
}

export class EventStreamSerde {
  constructor() {
    eventStreamSerdeProvider();
  }
}

/** Asked for by every client of S3, whatever it is going to call. */
export function resolveEventStreamSerdeConfig<T>(config: T): T {
  return config;
}
