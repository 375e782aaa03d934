import { EntriesOf } from './entry';
import type { CliCode } from '../../src/cli/codes';
import type { EmulatorCode } from '../../src/emulator/codes';
import type { RehearsalCode } from '../../src/rehearsal/codes';

export const REHEARSAL_ENTRIES: EntriesOf<RehearsalCode> = {
  'DD-REHEARSAL-007': {
    when: 'A parameter has no default and no value was given, or the value is not one that the template allows.',
    fix: 'Give it with `--parameters STACK:NAME=VALUE`.',
  },
  'DD-REHEARSAL-008': {
    when: '`--fail-at` names a resource that no stack of the rehearsal has.',
    fix: 'Give a logical id of the template, or the construct path.',
  },
  'DD-REHEARSAL-009': {
    when: 'Under one logical id there is now a resource of another type. CloudFormation refuses that update.',
    fix: 'Give the new construct another id.',
  },
  'DD-REHEARSAL-011': {
    when: 'The state that was given is not what an earlier rehearsal returned, or is of another version.',
    fix: 'Pass `result.state` on unchanged.',
  },
  'DD-REHEARSAL-013': {
    when: 'Nothing listens at the endpoint, or it does not speak.',
    fix: 'Start it with `drydock emulator`, or leave `--endpoint` out: then the rehearsal starts one of its own.',
  },
  'DD-REHEARSAL-101': {
    when: 'A notice. The handler of a custom resource is not Node.js code of the assembly, or needs the SDK of the Lambda runtime.',
    fix: 'Nothing, unless other resources need what it does.',
  },
  'DD-REHEARSAL-102': {
    when: 'A notice. The handler of a custom resource called a service that does not exist here, and failed; or it copies an image of a registry that is not on this machine.',
    fix: 'Nothing, unless other resources need what it does. For copies, `--registry docker.io=127.0.0.1:5000` gives the registry a stand-in, and `--secret NAME=FILE` a login.',
  },
  'DD-REHEARSAL-103': {
    when: 'A notice. Something uses an attribute of a resource that was not really made.',
    fix: 'Nothing, unless something that is executed depends on the value.',
  },
  'DD-REHEARSAL-104': {
    when: 'A notice. A parameter takes its value from the SSM parameter store, which does not exist here.',
    fix: 'Give the value to the rehearsal if the template depends on it.',
  },
  'DD-REHEARSAL-105': {
    when: 'A notice. A dynamic reference (`{{resolve:...}}`) was not resolved.',
    fix: 'Give the value of an SSM parameter to the rehearsal; secrets are never resolved.',
  },
  'DD-REHEARSAL-106': {
    when: 'A notice. CloudFormation takes the first answer of a custom resource and drops the others.',
    fix: 'Answer once.',
  },
  'DD-REHEARSAL-107': {
    when: 'A notice, and a failed resource where CloudFormation would wait for its time-out. The answer is not one that CloudFormation takes: no JSON, 4,096 bytes or more, or a wrong id.',
    fix: 'See "Custom resource response objects" in the CloudFormation user guide.',
  },
  'DD-REHEARSAL-108': {
    when: 'A notice. CloudFormation finishes an update although a resource of before could not be deleted, and forgets it.',
    fix: 'Delete by hand what is left; the DELETE_FAILED event says why it stayed.',
  },
  'DD-REHEARSAL-109': {
    when: 'A notice. The handler answered and then threw, so Lambda would deliver the event again.',
    fix: 'End without an error once the answer is out.',
  },
  'DD-REHEARSAL-110': {
    when: 'A notice. A state machine that a handler started came to a Fail state, met an error that nothing catches, or uses what a rehearsal does not know: it walks Task (`lambda:invoke`), '
      + 'Choice, Pass, Wait, Succeed and Fail with retries and catches, and is no interpreter of the whole language.',
    fix: 'The message names the error. Where it is a limit of the rehearsal, try that state machine in the account.',
  },
  'DD-REHEARSAL-111': {
    when: 'A notice. A gate with `inUse` asked ECS or Lambda, of which a rehearsal has none.',
    fix: 'Give a list of what runs with `--in-use`, and the gate finds that.',
  },
  'DD-REHEARSAL-112': {
    when: 'A notice. The role of a function is of elsewhere, so the rehearsal refuses nothing to it.',
    fix: 'Nothing, if the role has what it needs.',
  },
  'DD-REHEARSAL-113': {
    when: 'A notice. A managed policy or a permissions boundary of a role is of elsewhere. What the known policies do not allow is let through, since that one may allow it.',
    fix: 'Nothing, if the policies allow what the role needs.',
  },
  'DD-REHEARSAL-114': {
    when: 'A notice. `--endpoint` names a registry that is not `drydock emulator`, or one of an earlier release.',
    fix: 'Leave `--endpoint` out, or start `drydock emulator`.',
  },
};

export const EMULATOR_ENTRIES: EntriesOf<EmulatorCode> = {
  'DD-EMULATOR-001': {
    when: 'Another program has the port, or it may not be opened.',
    fix: 'Choose another port, or 0 for any free one.',
  },
  'DD-EMULATOR-002': {
    when: 'An option has a value outside what it takes.',
    fix: 'The message says what it takes.',
  },
  'DD-EMULATOR-003': {
    when: 'Another emulator writes the data directory.',
    fix: 'Stop that one, or use another directory. If no emulator runs, remove the file `lock` in it.',
  },
  'DD-EMULATOR-004': {
    when: 'The journal in the data directory cannot be read or contradicts itself, or a layer that it names is missing or shorter than it was. What a crash cut off at the end of the journal or '
      + 'behind an upload is not a damage, and is dropped without a word.',
    fix: 'Use another directory, or a copy. Nothing in it was changed.',
  },
  'DD-EMULATOR-005': {
    when: 'The data directory was written for another account or Region, or by another version.',
    fix: 'Leave out account and Region, or use another directory.',
  },
  'DD-EMULATOR-006': {
    when: 'Images of the seed contradict each other: one tag on two images, children that are not there.',
    fix: 'Correct the entry that the message names.',
  },
  'DD-EMULATOR-007': {
    when: 'A repository of the seed has a name, tags or settings that ECR would refuse.',
    fix: 'The message is ECR\'s own.',
  },
  'DD-EMULATOR-008': {
    when: '`lifecyclePolicyText` of a repository of the seed is not valid.',
    fix: 'Run `drydock validate` on it.',
  },
  'DD-EMULATOR-009': {
    when: '`repositoryPolicyText` of a repository of the seed is not valid.',
    fix: 'Correct the policy, or leave it out.',
  },
  'DD-EMULATOR-010': {
    when: 'A member of a fault script is missing, misspelt or has a value that it cannot have.',
    fix: 'The message says what it takes; schemas/faults.schema.json says it to editors.',
  },
  'DD-EMULATOR-011': {
    when: 'A rule of a fault script is about an operation that neither the API nor the registry protocol has.',
    fix: 'The message names the one that was probably meant.',
  },
  'DD-EMULATOR-012': {
    when: 'A rule of a fault script wants something that cannot happen to its operation: stale reads after a read, a failing preview of something else, failures of a call that is no batch.',
    fix: 'The message lists the operations to which it can happen.',
  },
  'DD-EMULATOR-101': {
    when: 'A client calls an operation of ECR that the embedded one does not have.',
    fix: 'See the list of operations in the documentation.',
  },
  'DD-EMULATOR-102': {
    when: 'A client pulls an image that came from an inventory. An inventory has digests and no manifests.',
    fix: 'Push the image to the emulator, layers included, then pull it. The push itself is answered as a repetition: the image is there already.',
  },
  'DD-EMULATOR-103': {
    when: 'The emulator itself failed, and answered as ECR would to a failure of its own. This is a bug.',
    fix: 'Report it, with the record `failure` of its log.',
  },
  'DD-EMULATOR-104': {
    when: 'A request to `/_drydock/...` is malformed.',
    fix: 'The message says what the control takes.',
  },
  'DD-EMULATOR-105': {
    when: 'A request names another host than this machine, or a browser sent it for a page of another host. The emulator accepts any credentials, so it answers neither.',
    fix: 'Reach it as `http://127.0.0.1:PORT` or `http://localhost:PORT`, from a program.',
  },
};

export const CLI_ENTRIES: EntriesOf<CliCode> = {
  'DD-CLI-001': {
    when: 'The file does not exist or may not be read.',
    fix: 'Give the path of a file, or `-` for standard input.',
  },
  'DD-CLI-002': {
    when: 'The file is not JSON.',
    fix: 'The message says at which character.',
  },
  'DD-CLI-003': {
    when: 'The command is about one repository, and the inventory holds several, or not the one that was asked for.',
    fix: 'Choose one with `--repository`.',
  },
  'DD-CLI-004': {
    when: 'No image has the digest or tag that `--explain` names.',
    fix: 'Give a tag, a digest, or at least six digits of one.',
  },
  'DD-CLI-005': {
    when: 'An option has a value that it does not take.',
    fix: 'The message says what it takes; `--help` has examples.',
  },
  'DD-CLI-006': {
    when: 'The file looks like an answer of the ECR API, and its `lifecyclePolicyText` is not text.',
    fix: 'Give the policy document itself, or the answer of `aws ecr get-lifecycle-policy`.',
  },
  'DD-CLI-007': {
    when: 'Two options contradict each other.',
    fix: 'Leave one of them out, as the message says.',
  },
  'DD-CLI-008': {
    when: 'The command or an option is not known, or something is missing that a command needs.',
    fix: '`drydock --help` lists the commands, `drydock COMMAND --help` its options.',
  },
  'DD-CLI-009': {
    when: 'The command met an error that it does not know. This is a bug, or the machine is in trouble (no memory, no space).',
    fix: 'Set `DRYDOCK_DEBUG=1` to see where it comes from, and report it.',
  },
};
