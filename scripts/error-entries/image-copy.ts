import { EntriesOf } from './entry';
import type { ImageCopyCode } from '../../src/images/image-copy-codes';

export const IMAGE_COPY_ENTRIES: EntriesOf<ImageCopyCode> = {
  'DD-IMAGE-501': {
    when: 'A copy has the 15 minutes of one invocation, or what `timeout` gives it, at most the hour for which CloudFormation waits. What had been copied by then stays in the repository as untagged layers and '
      + 'manifests, so the next deployment goes on from there; no tag was put.',
    fix: 'Deploy again, or give the copy more time: `timeout: Duration.hours(1)`. Where an hour is not enough, run `drydock copy` from a machine near the registry first; the deployment then finds everything there.',
  },
  'DD-IMAGE-502': {
    when: 'While the image was copied another resource failed and the stack began to roll back. Tags put after that would be nobody\'s.',
    fix: 'Mend what failed, and deploy again. What was copied is there already.',
  },
  'DD-IMAGE-503': {
    when: 'The images that a copy has put are to be removed, and ECR refuses for another reason than that an index holds them. The message has ECR\'s own words.',
    fix: 'Remove what the message names, and delete the stack again; or set the removal policy to RETAIN.',
  },
  'DD-IMAGE-504': {
    when: 'The state machine that continues a long copy could not call its function any more, after several attempts. The message holds the error of Lambda or Step Functions.',
    fix: 'See the execution in Step Functions and the log of the function. `Runtime.ExitError` is a lack of memory; tell us.',
  },
  'DD-IMAGE-505': {
    when: 'The secret that the registry is logged in to with holds bytes instead of text, or nothing.',
    fix: 'Store {"username": "...", "password": "..."} or a docker configuration as its text.',
  },
  'DD-IMAGE-506': {
    when: 'In a rehearsal only. It never leaves the machine, so an image in a registry elsewhere is not copied; `drydock rehearse` then simulates the resource and says so.',
    fix: 'Nothing, unless what is copied matters: run a registry on this machine and name it, `--registry docker.io=127.0.0.1:5000`; or let the rehearsal out, `--registry docker.io=docker.io`.',
  },
  'DD-IMAGE-520': {
    when: 'ECR answered GetAuthorizationToken without a token.',
    fix: 'Deploy again; the schedule tries again by itself.',
  },
  'DD-IMAGE-550': {
    when: 'A source names its image completely: a repository of ECR with a tag or a digest, a reference with the host of its registry and a tag or a digest, or an asset that is one file.',
    fix: 'The message names what is missing.',
  },
  'DD-IMAGE-551': {
    when: 'A copy has at least one tag; each is given once, and is one that ECR takes.',
    fix: 'Correct the tags.',
  },
  'DD-IMAGE-552': {
    when: 'CloudFormation waits for a custom resource for an hour at most, and a copy under a minute would hardly begin.',
    fix: 'Take 1 minute to 1 hour. Only more than 15 minutes make a state machine.',
  },
  'DD-IMAGE-553': {
    when: 'An image is kept or removed; it has no snapshots.',
    fix: 'Use `RETAIN` or `DESTROY`.',
  },
  'DD-IMAGE-554': {
    when: 'A platform is OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT.',
    fix: 'Write `linux/amd64`, `linux/arm64`, `linux/arm/v7`.',
  },
  'DD-IMAGE-570': {
    when: 'A login is good for what its role may do, and its role would be allowed nothing.',
    fix: 'Name the repositories.',
  },
  'DD-IMAGE-571': {
    when: 'A login ends after 12 hours. It is made anew every 1 to 6 hours, so that one failure leaves no gap.',
    fix: 'Take 1 to 6 hours.',
  },
};
