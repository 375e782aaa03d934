import { EntriesOf } from './entry';
import type { PreviewCode } from '../../src/review/codes';

export const PREVIEW_ENTRIES: EntriesOf<PreviewCode> = {
  'DD-REVIEW-001': {
    when: 'The name of a repository comes from a parameter without a value, from an export that nobody makes, from an attribute, from the SSM parameter store, or is made up by CloudFormation, and CloudFormation could not be asked. Nobody can say which images are meant.',
    fix: 'Let `drydock preview` ask CloudFormation (docs/preview.md has the permissions), give the parameter with `--parameters STACK:NAME=VALUE`, or name the repository literally.',
  },
  'DD-REVIEW-002': {
    when: 'The lifecycle policy, or a part of it, is a reference that only the deployment resolves.',
    fix: 'Write the policy literally, or give the parameter that it hangs on. The gate of the deployment judges it in any case.',
  },
  'DD-REVIEW-003': {
    when: 'The settings of a preview gate hang on a reference that only the deployment resolves.',
    fix: 'Write the settings literally, or give the parameter.',
  },
  'DD-REVIEW-004': {
    when: 'A resource has a condition that hangs on something unknown. It is judged as if it were there.',
    fix: 'Give the parameters behind the condition with `--parameters`.',
  },
  'DD-REVIEW-005': {
    when: 'A lifecycle policy is for a repository that the inventory does not have. It may be new, or the snapshot may have left it out.',
    fix: 'Take a snapshot that has it. If the snapshot was taken with `--all`, say `--complete`: what it lacks does not exist then. `--allow-unknown` lets the preview pass.',
  },
  'DD-REVIEW-006': {
    when: 'The images or the lifecycle policy of a repository were not read, live or in the snapshot.',
    fix: 'Add the permission that the message names; docs/preview.md has the whole policy.',
  },
  'DD-REVIEW-007': {
    when: 'A repository of that name was found, but in another account or Region than the stack is for; or it is in an account that was not read.',
    fix: 'Preview each environment with its own credentials and Region, or with a snapshot of its own: `--stack` chooses the stacks.',
  },
  'DD-REVIEW-008': {
    when: 'A lifecycle policy is for a repository that does not exist, and no resource of the app makes it. The deployment would fail.',
    fix: 'Correct the name, or make the repository first.',
  },
  'DD-REVIEW-009': {
    when: 'ECR was asked to preview the policy too, and does something else with some images. In the deployment ECR decides, so its answer counts.',
    fix: 'See whether these images were pushed or pulled meanwhile. If not, one of the two has been misread: please report it, with the output of `--format json`.',
  },
  'DD-REVIEW-010': {
    when: 'A gate asks ECS or Lambda what runs (`inUse`) when it is deployed. Against an inventory `drydock preview` asks nobody unless it is told to, so what the gate will say is open.',
    fix: 'Say `--in-use ecs,lambda`, or give a file with the images that run: `--in-use running.txt`.',
  },
  'DD-REVIEW-011': {
    when: 'An image that something runs now would expire, or go into the archive, from which it cannot be pulled.',
    fix: 'Put a rule that keeps such images before the others, or deploy newer images before the policy.',
  },
  'DD-REVIEW-013': {
    when: 'The repository has another lifecycle policy, no resource of this library has put it there (there is no mark in the tags of the repository), and `replaceExisting` is not set. The deployment would stop with DD-HANDLER-301.',
    fix: 'Set `replaceExisting: true`, take the rules over, or delete the policy first.',
  },
  'DD-REVIEW-014': {
    when: 'The policy in force is none that this library can read, so nobody can say which images it would take. Everything that the new policy takes counts as new.',
    fix: 'Look at the policy with `aws ecr get-lifecycle-policy`.',
  },
  'DD-REVIEW-015': {
    when: 'A note. A repository creation template gives its policy to repositories that are created later, so there are no images to judge.',
    fix: 'Nothing. Repositories that are there already keep the policy that they have.',
  },
  'DD-REVIEW-016': {
    when: 'A note. No stack that was looked at puts a lifecycle policy.',
    fix: 'If that is a surprise, see whether `--app` is the right folder and `--stack` names the right stacks.',
  },
  'DD-REVIEW-017': {
    when: 'The template leaves something open that CloudFormation knows, and CloudFormation did not answer, or does not let you ask.',
    fix: 'Add the permissions of docs/preview.md, or give literal names and parameters.',
  },
  'DD-REVIEW-018': {
    when: 'A note. A value hangs on a parameter, and the default of the template was taken. A stack that is deployed with another value keeps that one.',
    fix: 'Give the value with `--parameters STACK:NAME=VALUE`.',
  },
  'DD-REVIEW-019': {
    when: 'A note, wherever it was asked what runs (`--in-use`, or a gate with `inUse`): how many references there were, how many of them are images of the repositories that were looked at, and which name such a repository but no image in it.',
    fix: 'Few or none that match: see whether the list is of this registry, account and Region. Docker Hub and other registries do not count.',
  },
  'DD-REVIEW-020': {
    when: 'A file or standard input that was given with `--in-use` names no image. A command that failed before the pipe looks like that, too, so nobody can say that nothing runs.',
    fix: 'Run the command by itself (`set -o pipefail` in a script ends it there). If nothing runs, leave `--in-use` out, or say `--allow-unknown`.',
  },
};
