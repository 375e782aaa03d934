import { EntriesOf } from './entry';
import { IAM_CODES } from '../../src/iam/codes';

export const IAM_ENTRIES: EntriesOf<keyof typeof IAM_CODES> = {
  'DD-IAM-001': {
    when: 'The file of `drydock emulator --iam`, or what was put to `/_drydock/iam`, is not a list of principals with policies.',
    fix: 'Write `{"principals": [{"accessKeyId": "AKIA...", "arn": "arn:aws:iam::123456789012:role/NAME", "policies": [{"document": {...}}]}]}`.',
  },
  'DD-IAM-002': {
    when: 'Whether a call is allowed depends on a condition key, a condition operator or a policy variable that is not known here. It is refused: AWS may allow it.',
    fix: 'Give the key in `context` of the principal (`drydock emulator --iam`), or rehearse with `--no-iam`. docs/permissions.md lists what is known.',
  },
};
