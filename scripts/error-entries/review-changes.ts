import { EntriesOf } from './entry';
import type { ReviewChangeCode } from '../../src/review/review-codes';

export const REVIEW_CHANGE_ENTRIES: EntriesOf<ReviewChangeCode> = {
  'DD-REVIEW-201': {
    when: 'The repository leaves the app, or is replaced, and its deletion takes its images with it (`EmptyOnDelete`).',
    fix: 'Keep it with `RemovalPolicy.RETAIN` (deploy that first), or accept it: `--accept DD-REVIEW-201:REPOSITORY`.',
  },
  'DD-REVIEW-202': {
    when: 'The repository leaves the app and is to be deleted, but holds images, and `EmptyOnDelete` is not set: ECR refuses. In an update CloudFormation deletes last and goes on without what it cannot delete: the stack is updated, the repository stays, and no stack manages it. (A stack that is destroyed ends in DELETE_FAILED.)',
    fix: 'Set `RemovalPolicy.RETAIN` or `emptyOnDelete`, whichever is meant, and deploy that before the repository is removed; or delete the images first.',
  },
  'DD-REVIEW-203': {
    when: 'The repository leaves the app and is deleted; it is empty, or nobody can say what it holds.',
    fix: 'Nothing, when that is meant. Access and lifecycle policies go with it.',
  },
  'DD-REVIEW-204': {
    when: 'Name or encryption change, or the type of the resource: CloudFormation makes a new, empty repository. Images do not move; they stay with the old one or go with it. Who pulls by the old name keeps pulling the old images.',
    fix: 'Keep name and encryption; or copy the images first, move those who pull, and accept it: `--accept DD-REVIEW-204:REPOSITORY`.',
  },
  'DD-REVIEW-205': {
    when: 'The encryption of a repository with a name of its own changes. CloudFormation makes the new one first, and two cannot have one name: the deployment fails.',
    fix: 'Change the name too, or leave the encryption as it is.',
  },
  'DD-REVIEW-206': {
    when: 'The construct was renamed or moved, so its logical ID changed: to CloudFormation that is a new repository and the removal of the old one. With one name for both, the creation fails, or the new resource takes the repository over.',
    fix: 'Keep the logical ID (`overrideLogicalId`, `Stack.renameLogicalId`), use `cdk refactor`, or retain the old one and let `Repository` with `ExistingRepository.ADOPT` take it over.',
  },
  'DD-REVIEW-207': {
    when: 'The app creates a repository whose name is taken in the registry. CloudFormation fails with RepositoryAlreadyExistsException; ours fails unless it adopts.',
    fix: 'Use `Repository` with `existing: ExistingRepository.ADOPT`, `cdk import`, or another name.',
  },
  'DD-REVIEW-208': {
    when: 'The app takes over a repository that is there (`ExistingRepository.ADOPT`). Its settings become what the template says; its images stay.',
    fix: 'Nothing, when that is meant. The settings that change are listed with it.',
  },
  'DD-REVIEW-209': {
    when: 'The repository exists with another encryption than the template says; ECR cannot change it, and the deployment fails.',
    fix: 'Declare the encryption that it has, or choose another name.',
  },
  'DD-REVIEW-210': {
    when: 'The repository leaves the app and stays in the registry, with its images and policies (`RemovalPolicy.RETAIN`). No stack manages it from then on.',
    fix: 'Nothing, when that is meant.',
  },
  'DD-REVIEW-211': {
    when: 'Tag mutability or scanning was in the template and is not any more. CloudFormation does not send what is absent, so the old value stays.',
    fix: 'Write the value that you want into the template.',
  },
  'DD-REVIEW-212': {
    when: 'Tags were immutable, all or most, and can be moved to other images now: what a tag stands for can change behind the back of those who pull it.',
    fix: 'Keep `IMMUTABLE`, or name the tags that may move with `IMMUTABLE_WITH_EXCLUSION`.',
  },
  'DD-REVIEW-213': {
    when: '`ScanOnPush` goes from true to false. Where the registry has a scanning configuration of its own, that one counts.',
    fix: 'Leave it on, or see that the registry scans.',
  },
  'DD-REVIEW-214': {
    when: 'Two resources of the app have the same repository name in one account and Region. The second creation fails, or each takes the repository from the other.',
    fix: 'Make the repository in one place and refer to it from the others with `Repository.fromRepositoryName`.',
  },
  'DD-REVIEW-220': {
    when: 'A statement lets everybody in, of every account, without a condition.',
    fix: 'Name accounts, or add a condition such as `aws:PrincipalOrgID`. Where it is meant: `--accept DD-REVIEW-220:REPOSITORY`, and see Amazon ECR Public.',
  },
  'DD-REVIEW-221': {
    when: 'A principal of another account gains access. It needs an IAM policy of its own account besides.',
    fix: 'Nothing, when that is meant; otherwise remove the statement, or narrow it with a condition.',
  },
  'DD-REVIEW-222': {
    when: 'A service gains access with no condition on whose behalf it acts: everybody who can use the service can use it for this (confused deputy).',
    fix: 'Add `aws:SourceAccount` or `aws:SourceArn`.',
  },
  'DD-REVIEW-223': {
    when: 'Somebody can do less than before: a statement is gone, a condition was added, or something is denied now. The owner\'s own principals may have the same from IAM policies.',
    fix: 'See whether they still need it: what runs there pulls images whenever it starts.',
  },
  'DD-REVIEW-224': {
    when: 'The handler would refuse the statements: a Sid belongs to somebody else\'s statement, the policy grows too long, or it names a principal that was deleted. The DD-ACCESS code stands in the message.',
    fix: 'Choose another Sid, or do what the entry of that code says.',
  },
  'DD-REVIEW-225': {
    when: 'CloudFormation puts the whole policy from the template, or deletes it where the template has none. Statements that were added beside it (by another stack, by Lambda, by hand, or before an import) are gone after that.',
    fix: 'Take the statements over into the template, or manage the policy with `RepositoryPolicy`, which leaves others\' statements alone. Where it is meant: `--accept DD-REVIEW-225:REPOSITORY`.',
  },
  'DD-REVIEW-226': {
    when: 'A `RepositoryPolicy` names a repository whose native resource, in the same app, writes a policy of its own: CloudFormation puts the whole, and the statements of the other are lost.',
    fix: 'Give `RepositoryPolicy` the construct (`ecr.Repository`) in place of the name: the statements go into its template then.',
  },
  'DD-REVIEW-227': {
    when: 'A principal, an action or a condition comes from a parameter, an import or a function that cannot be resolved before the deployment, so nobody can say who gains or loses what.',
    fix: 'Give the value with `--parameters`, let the command read the deployed stacks, or write it down.',
  },
  'DD-REVIEW-228': {
    when: 'The policy that the registry has is not JSON with statements, so it cannot be compared.',
    fix: 'Read it with `aws ecr get-repository-policy`, and put a proper one.',
  },
  'DD-REVIEW-230': {
    when: 'A repository has one lifecycle policy. Two resources that put one overwrite each other, or the second is refused (DD-HANDLER-301).',
    fix: 'Put all rules into one of them.',
  },
  'DD-REVIEW-231': {
    when: 'A `LifecyclePolicy` or `RepositoryPolicy` names a repository that CloudFormation manages in the same app. CloudFormation deletes a policy that its own template does not hold, with the next change of that resource.',
    fix: 'Give the construct of the repository in place of its name: what it says goes into the template then.',
  },
  'DD-REVIEW-232': {
    when: 'A lifecycle policy goes into force without anything looking at the images first.',
    fix: '`PreviewGate.protect(app)` for native repositories; leave `previewGate` out, or use `PreviewGate.of`, for those of this library.',
  },
  'DD-REVIEW-233': {
    when: 'The resource that puts the lifecycle policy leaves the app, or a native repository has none any more. Images that it would have expired stay, and are paid for.',
    fix: 'Nothing, when that is meant.',
  },
  'DD-REVIEW-240': {
    when: 'A resource that governs the whole registry (registry policy, replication, pull through cache, creation templates, scanning, signing) is made, changed or removed. The properties that change are listed; their effect is not analysed.',
    fix: 'Read the properties.',
  },
  'DD-REVIEW-250': {
    when: 'What is deployed now could not be had: the template of a stack is not JSON, or not to be read. So the review cannot say what changes there.',
    fix: 'Give the folder of the app as it was deployed with `--before`, or `--before none` to review everything as new.',
  },
  'DD-REVIEW-251': {
    when: 'The name of a repository that changes comes from something that cannot be resolved, so its state cannot be looked at.',
    fix: 'Give the value with `--parameters`, or let the command read the deployed stacks.',
  },
  'DD-REVIEW-252': {
    when: 'A stack is deployed, or was in the folder given with `--before`, and is not in the app. `cdk deploy` deletes no stacks.',
    fix: 'Nothing, or `cdk destroy` it when you have seen what it holds.',
  },
  'DD-REVIEW-253': {
    when: 'A finding that `--accept` names is not there: it was accepted for an earlier change, or code or repository are misspelt.',
    fix: 'Take it out of the command.',
  },
};
