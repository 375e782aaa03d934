import { EntriesOf } from './entry';
import type { RetentionCode } from '../../src/retention-codes';

export const RETENTION_ENTRIES: EntriesOf<RetentionCode> = {
  'DD-RETENTION-001': {
    when: '`Retention.require()` found a repository, or a repository creation template, without lifecycle policy. The CDK CLI stops at the error; `app.synth()` alone goes on.',
    fix: 'Give the repository lifecycle rules, add default ones with `Retention.add(rules)`, or take it out with `Retention.exempt(scope)`.',
  },
  'DD-RETENTION-002': {
    when: 'The repository is in a stage that was made after `Retention.applyTo`, or that was synthesized before it. CDK does not carry aspects into stages, so the call adds itself to those that are there.',
    fix: 'Call `applyTo` after the stages are made and before any of them is added to a pipeline, or call it with the stage.',
  },
};
