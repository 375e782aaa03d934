import { EntriesOf } from './entry';
import type { REPOSITORY_CODES } from '../../src/construct-codes';
import type { HandlerCode } from '../../src/handlers/codes';

export const REPOSITORY_ENTRIES: EntriesOf<keyof typeof REPOSITORY_CODES> = {
  'DD-REPOSITORY-001': {
    when: 'A name has 2 to 256 characters: lower-case letters and digits, in parts joined by one of `.` `_` `__` `-` `/`.',
    fix: 'Take the name that the message suggests, or leave `repositoryName` out: one is made.',
  },
  'DD-REPOSITORY-002': {
    when: 'Exclusion filters need `IMMUTABLE_WITH_EXCLUSION` or `MUTABLE_WITH_EXCLUSION`, and these need one to five filters.',
    fix: 'Change the one or the other, as the message says.',
  },
  'DD-REPOSITORY-003': {
    when: '`encryptionKey` is given together with AES256, which has no key.',
    fix: 'Use `RepositoryEncryption.KMS`, or leave `encryption` out.',
  },
  'DD-REPOSITORY-004': {
    when: '`emptyOnDelete` says what to do with images when the repository is deleted, and it is retained.',
    fix: 'Set `removalPolicy: RemovalPolicy.DESTROY`, or leave `emptyOnDelete` out.',
  },
  'DD-REPOSITORY-005': {
    when: 'ECR has no snapshots, so `RemovalPolicy.SNAPSHOT` cannot be done.',
    fix: 'Use `RETAIN` or `DESTROY`.',
  },
  'DD-REPOSITORY-006': {
    when: 'The handler works in the Region of its stack, and the repository is in another.',
    fix: 'Put the construct into a stack of the repository\'s Region.',
  },
  'DD-REPOSITORY-007': {
    when: 'An imported repository is given without name and ARN, or its ARN is not `arn:PARTITION:ecr:REGION:ACCOUNT:repository/NAME`.',
    fix: 'Give a name, or the whole ARN.',
  },
  'DD-REPOSITORY-008': {
    when: 'A repository has one lifecycle policy. The native repository has rules of its own, or the app has a second `LifecyclePolicy` for it.',
    fix: 'Put all rules into one place. For a native repository `replaceExisting: true` uses these instead of its own.',
  },
  'DD-REPOSITORY-009': {
    when: 'On a native repository statements are merged into its `repositoryPolicyText`, which cannot be read at synth, or was set or overridden afterwards.',
    fix: 'Give that property as an object before the statements are added, or add all statements by `RepositoryPolicy`.',
  },
  'DD-REPOSITORY-010': {
    when: 'Keys that begin with `cdk-drydock:` say who owns a repository and what it was like before; keys that begin with `aws:` are AWS\'s.',
    fix: 'Choose another key.',
  },
  'DD-REPOSITORY-011': {
    when: 'CDK does not carry aspects into stages, so `PreviewGate.protect` reaches the stages that are there when it is called and were not synthesized yet (a pipeline does that when it gets a stage).',
    fix: 'Call `PreviewGate.protect` after the stages of the app are made and before any is added to a pipeline, or on each stage.',
  },
  'DD-REPOSITORY-012': {
    when: 'A statement that locks the owner out needs `force`, which CloudFormation does not send for the repositories that it manages.',
    fix: 'Leave `allowLockOut` out, and `ecr:SetRepositoryPolicy` out of the Deny.',
  },
  'DD-REPOSITORY-013': {
    when: 'Two `Repository` constructs of the app have the same name, account and region. One of them could not be deployed, or would adopt the other\'s repository.',
    fix: 'Choose another name, or use the construct that is there (from another stack too).',
  },
  'DD-REPOSITORY-014': {
    when: 'ECR stores 50 tags on a repository, with keys of up to 128 and values of up to 256 characters; one tag is kept for the mark of ownership.',
    fix: 'Use fewer tags, or shorter ones.',
  },
};

export const HANDLER_ENTRIES: EntriesOf<HandlerCode> = {
  'DD-HANDLER-001': {
    when: 'A property that the resource needs is missing or empty. The constructs always write it; look for an override or a hand-written template.',
    fix: 'Give the property that the message names.',
  },
  'DD-HANDLER-002': {
    when: 'A property has the wrong type or a value outside what it takes. Often a parameter or an import resolved to something unexpected.',
    fix: 'The message shows the value that arrived; correct what it comes from.',
  },
  'DD-HANDLER-003': {
    when: 'The template has a resource type that this handler does not know: it was written by a later release than the handler, or the service token is another function\'s.',
    fix: 'Deploy the stack with one release of cdk-drydock.',
  },
  'DD-HANDLER-004': {
    when: 'The function was invoked with something that is no custom-resource event, for example by hand in the console.',
    fix: 'Let CloudFormation invoke it.',
  },
  'DD-HANDLER-005': {
    when: 'The function stops itself shortly before Lambda would, takes back what it began, and answers. Behind it are long throttling, a preview of a very large repository, or a network without a way to ECR.',
    fix: 'See the last line of the reason and the function\'s log. In a VPC the function needs endpoints for `ecr.api`, for CloudFormation and for S3.',
  },
  'DD-HANDLER-006': {
    when: 'The rest of the handler could not be loaded: the asset is damaged or was changed.',
    fix: 'Install the package anew and deploy again.',
  },
  'DD-HANDLER-007': {
    when: 'An error that the handler did not expect. This is a bug.',
    fix: 'Report it, with the function\'s log; the log has no secrets in it.',
  },
  'DD-HANDLER-008': {
    when: 'An AWS call failed for good; the place is the operation, and the message is AWS\'s own.',
    fix: 'For AccessDenied see whether a service control policy, a permissions boundary or the repository\'s own policy denies it: the role has what it needs.',
  },
  'DD-HANDLER-009': {
    when: 'CloudFormation takes answers below 4,096 bytes. The change is done, and its attributes do not fit.',
    fix: 'Shorten the repository name or the logical id.',
  },
  'DD-HANDLER-101': {
    when: 'The repository that the resource is about does not exist in the registry and Region of the stack.',
    fix: 'Create it first, or correct the name, the account or the Region.',
  },
  'DD-HANDLER-102': {
    when: 'A `Repository` is to be created, and there is one of that name. The message says which stack owns it, if one does. It was not touched.',
    fix: 'To take it over with its images use `ExistingRepository.ADOPT`; to use it as it is import it; otherwise choose another name.',
  },
  'DD-HANDLER-103': {
    when: 'ECR cannot change the encryption of a repository, and the one that exists differs from the template.',
    fix: 'Declare the encryption that it has. For another one the repository has to be replaced, under another name, and its images copied.',
  },
  'DD-HANDLER-104': {
    when: 'The repository\'s tag `cdk-drydock:owner` names another stack, which has adopted it.',
    fix: 'Remove it from one of the two stacks.',
  },
  'DD-HANDLER-105': {
    when: 'The repository is to be deleted and has images, and `emptyOnDelete` is not set.',
    fix: 'Set `emptyOnDelete` and deploy, delete the images, or choose `RemovalPolicy.RETAIN`.',
  },
  'DD-HANDLER-106': {
    when: 'A repository has at most 50 tags: its own, those of the template, the one that says who owns it, and, until a change is settled, those that remember what was there before. Nothing was changed.',
    fix: 'Remove tags from the repository or from the template.',
  },
  'DD-HANDLER-107': {
    when: 'Two stacks adopted the repository at the same moment; the other one was later, and has it.',
    fix: 'Let one stack own it and import it in the other.',
  },
  'DD-HANDLER-201': {
    when: 'ECR looks principals up when a policy is set, and has refused this one for two minutes. A role that was just created becomes known within seconds; this one does not exist, or its account has not enabled the Region.',
    fix: 'See whether every principal exists in its account. Where the role is made in the same app, let the policy depend on it.',
  },
  'DD-HANDLER-202': {
    when: 'Others overwrite the repository policy as fast as it is written: most often a job that sets the whole policy every few seconds.',
    fix: 'Find out in CloudTrail who calls SetRepositoryPolicy, and let it merge instead of replace.',
  },
  'DD-HANDLER-301': {
    when: 'The repository has a lifecycle policy that this resource has not put there, or somebody edited ours. The message shows it. It was left as it is.',
    fix: 'Set `replaceExisting: true` (it comes back if the deployment is rolled back), take its rules over, or delete it.',
  },
  'DD-HANDLER-302': {
    when: 'A policy that is replaced is remembered in tags of the repository until the change is settled, and there are not enough free ones. Nothing was changed.',
    fix: 'Remove tags, or delete the old lifecycle policy yourself before you deploy.',
  },
  'DD-HANDLER-303': {
    when: 'The policy was put, and when it was read again another was in force: somebody else writes it too.',
    fix: 'Find out in CloudTrail who calls PutLifecyclePolicy.',
  },
  'DD-HANDLER-304': {
    when: 'While a policy was previewed, or statements waited for a principal, another resource failed and CloudFormation began to take this one back. What is put after that would be nobody\'s. Nothing was changed.',
    fix: 'Nothing here. The stack\'s events say what failed.',
  },
  'DD-HANDLER-401': {
    when: 'ECR answered FAILED to the preview, twice. Nothing was changed.',
    fix: 'Deploy again later. If it goes on, see whether the console previews the policy.',
  },
  'DD-HANDLER-402': {
    when: 'The preview was gone before all of its pages were read, twice. Nothing was changed.',
    fix: 'Deploy again later.',
  },
  'DD-HANDLER-403': {
    when: 'A repository has one preview at a time, and others kept starting theirs. Nothing was changed.',
    fix: 'Deploy again when nobody else previews policies on this repository.',
  },
  'DD-HANDLER-404': {
    when: 'The gate looks for images in use (`inUse`), images would go, and ECS or Lambda could not be asked. Nothing was changed.',
    fix: 'See the call in the message: a permissions boundary or a service control policy may deny it to the function. Without `inUse` nobody looks.',
  },
};
