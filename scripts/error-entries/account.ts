import { EntriesOf } from './entry';
import type { AccountCode } from '../../src/account/codes';

export const ACCOUNT_ENTRIES: EntriesOf<AccountCode> = {
  'DD-ACCOUNT-001': {
    when: '`--upstream` is not the address of a server on this machine. Requests that carry credentials are passed nowhere else.',
    fix: 'Start the server on 127.0.0.1 and give `http://127.0.0.1:PORT`.',
  },
  'DD-ACCOUNT-002': {
    when: 'Nobody answers at the address that `--upstream` gave.',
    fix: 'Start the server, or leave the option out.',
  },
  'DD-ACCOUNT-003': {
    when: 'A client called a service besides ECR, CloudFormation, S3, SSM and STS: a look-up of a VPC, for instance.',
    fix: 'Start a server that has it, such as `moto_server`, and name it with `--upstream`.',
  },
  'DD-ACCOUNT-004': {
    when: 'A client asked for an action or an option that this CloudFormation does not have. docs/cdk-deploy.md lists them.',
    fix: 'Leave the option out. What is refused is never half done.',
  },
  'DD-ACCOUNT-005': {
    when: 'The file with the stacks in the data directory cannot be read, or another version has written it.',
    fix: 'Use another directory. If the stacks may be forgotten, remove the file that the message names.',
  },
  'DD-ACCOUNT-006': {
    when: 'What was uploaded as the code of a function is no zip archive, unpacks to more than Lambda takes, or names a file outside of itself.',
    fix: 'Build and upload the archive again.',
  },
  'DD-ACCOUNT-007': {
    when: 'An operation on a stack, or a request, ended with an error that is no answer of CloudFormation\'s. The stack is in a failed state; `--log` has the stack trace.',
    fix: 'Delete the stack and deploy it again. If it happens again, it is a mistake in drydock.',
  },
};
