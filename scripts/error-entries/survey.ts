import { EntriesOf } from './entry';
import type { SurveyCode } from '../../src/ecr/codes';
import type { InUseCode } from '../../src/lifecycle/codes';

export const SURVEY_ENTRIES: EntriesOf<SurveyCode> = {
  'DD-SURVEY-001': {
    when: 'No connection comes about: nothing listens at the endpoint, its name is not known, or a network is in between that does not let calls through.',
    fix: 'See whether `--endpoint` (or `AWS_ENDPOINT_URL_ECR`, `AWS_ENDPOINT_URL`) and the Region are right. An embedded ECR is started with `drydock emulator`.',
  },
  'DD-SURVEY-002': {
    when: 'The credential chain of the AWS SDK found nothing: no environment variables, no profile, no role.',
    fix: 'Log in, set `AWS_PROFILE` or give `--profile`. An endpoint on this machine (127.0.0.1, localhost) needs none.',
  },
  'DD-SURVEY-003': {
    when: 'AWS does not take the credentials: they have expired, were deleted, or the clock of the machine is wrong.',
    fix: 'Log in again; compare the clock.',
  },
  'DD-SURVEY-004': {
    when: 'Neither an option, nor the environment, nor the profile names a Region.',
    fix: 'Give `--region`, or set `AWS_REGION`.',
  },
  'DD-SURVEY-005': {
    when: 'A call is denied on which everything else depends, such as the list of all repositories. What is denied for one repository is a finding instead (DD-SURVEY-101).',
    fix: 'Allow the action that the message names; docs/snapshot.md has the whole policy. Without `ecr:DescribeRepositories` on all repositories, name those that may be read.',
  },
  'DD-SURVEY-006': {
    when: 'One call was throttled again and again for three minutes, although it was made more and more slowly. Somebody else uses up what the account may do.',
    fix: 'Go on later (a snapshot goes on where it was), or with a smaller `--concurrency`.',
  },
  'DD-SURVEY-007': {
    when: 'A call failed in a way that repeating did not help, or the reading was broken off.',
    fix: 'See AWS\'s own words in the message.',
  },
  'DD-SURVEY-008': {
    when: 'A name that was asked for is no repository of this registry and Region.',
    fix: 'Compare the account, the Region and the name.',
  },
  'DD-SURVEY-009': {
    when: 'ECR\'s preview ended as FAILED or EXPIRED twice, or previews of other policies took its place again and again: there is one preview for each repository.',
    fix: 'Try again when nobody else previews policies on the repository.',
  },
  'DD-SURVEY-010': {
    when: 'No repository of the registry has the prefix or matches the pattern.',
    fix: 'Compare it with `aws ecr describe-repositories`; `*` stands for any run of characters, and the whole name must match.',
  },
  'DD-SURVEY-011': {
    when: 'Beside the output lies the journal (`FILE.partial`) of a snapshot that was broken off, and it was made with other options or of another registry.',
    fix: 'Give the same options to go on with it, another `--out`, or `--restart` to throw it away.',
  },
  'DD-SURVEY-012': {
    when: 'The output file or the journal beside it (`FILE.partial`) cannot be opened or written.',
    fix: 'See the reason in the message: a directory that does not exist, permissions, a full disk.',
  },
  'DD-SURVEY-101': {
    when: 'A finding: the caller may not read this part of the repository. It is left out, and is not "none".',
    fix: 'Allow the action that the message names, in the caller\'s policies and, where it denies it, in the repository\'s own.',
  },
  'DD-SURVEY-102': {
    when: 'A finding: BatchGetImage is the only way to learn what an index lists, and ECR counts it as a pull, which would change the very pull times that gates and rules look at.',
    fix: 'Exclude the caller\'s role or user (`aws ecr register-pull-time-update-exclusion`), or accept the pulls with `--manifests always`.',
  },
  'DD-SURVEY-103': {
    when: 'A finding: ECR gave no manifest for some indexes, or one that lists nothing.',
    fix: 'Untagged images that only those indexes hold are shown as if nothing held them; see the failure codes of BatchGetImage.',
  },
  'DD-SURVEY-104': {
    when: 'A finding: the repository was deleted between the listing and the reading.',
    fix: 'Nothing, if that was meant.',
  },
};

export const IN_USE_ENTRIES: EntriesOf<InUseCode> = {
  'DD-INUSE-001': {
    when: 'A line is neither an image URI (with a tag, a digest or neither) nor a digest.',
    fix: 'Give one reference a line, as `kubectl get pods -o jsonpath` prints them; see docs/snapshot.md. What follows a tab says who runs it; a line that begins with # is skipped.',
  },
  'DD-INUSE-002': {
    when: 'The file is JSON, and neither a list of references nor what `kubectl get pods -o json` prints.',
    fix: 'Give a list of texts, or of `{"reference": "...", "by": "..."}`.',
  },
  'DD-INUSE-101': {
    when: 'ECS or Lambda could not be asked, for example because a permission is missing. Whether images that go are in use is then not known.',
    fix: 'Allow the action that the message names; docs/snapshot.md lists what looking for images in use needs.',
  },
};
