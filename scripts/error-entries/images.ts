import { EntriesOf } from './entry';
import type { ImageCode } from '../../src/images/image-codes';

export const IMAGE_ENTRIES: EntriesOf<ImageCode> = {
  'DD-IMAGE-001': {
    when: 'A tag has 1 to 128 characters: letters, digits, `_`, `.` and `-`, and begins with none of the last two.',
    fix: 'Give the tag alone, without repository, colon or digest.',
  },
  'DD-IMAGE-002': {
    when: 'A digest is `sha256:` and 64 lower-case hexadecimal digits.',
    fix: 'Copy the whole digest, or use a tag where one is taken.',
  },
  'DD-IMAGE-003': {
    when: 'An image is given by tag and by digest or by neither, `deleteLastTag` is set while the tag is retained, or the removal policy is `SNAPSHOT`.',
    fix: 'Change the one or the other, as the message says.',
  },
  'DD-IMAGE-004': {
    when: 'Two constructs of the app (`ImageTag`, `ImageCopy`) put the same tag of the same repository: which one is last would be chance.',
    fix: 'Remove one of them, or give it another tag.',
  },
  'DD-IMAGE-005': {
    when: 'A selection of an `ImageCleanup` means nothing or everything (no pattern, an age that is no whole number of days), or a limit is out of its range.',
    fix: 'Change the value that the message names. For every tagged image write the pattern `*`, and say what stays with `keepLatest` or `olderThan`.',
  },
  'DD-IMAGE-101': {
    when: 'At the time of the deployment no image in the repository has the tag. The message names tags that look alike.',
    fix: 'Push the image before you deploy, or correct the tag. With images that the same app copies, make the construct depend on the copy.',
  },
  'DD-IMAGE-102': {
    when: 'The image is in the archive storage class, or is being restored from it: it cannot be pulled, so nothing that is pinned to it could start.',
    fix: 'Restore it (`aws ecr update-image-storage-class`), or take another image.',
  },
  'DD-IMAGE-103': {
    when: 'At the time of the deployment the repository has no image of that digest.',
    fix: 'Push or copy the image before you deploy, or correct the digest. A lifecycle policy may have expired it.',
  },
  'DD-IMAGE-201': {
    when: 'The repository, or this tag of it, is immutable, and the tag stands for another image already. Nothing was changed.',
    fix: 'Use a new tag for each image, or exclude the tag from immutability: `IMMUTABLE_WITH_EXCLUSION` with a filter for tags that move (`prod`, `latest`).',
  },
  'DD-IMAGE-202': {
    when: '`expectedDigest` says what the tag should still stand for, and it stands for something else: somebody has moved it since. It was not moved.',
    fix: 'Look at what it stands for now, and give that digest, `none`, or leave `expectedDigest` out.',
  },
  'DD-IMAGE-203': {
    when: 'ECR describes the image but does not give its manifest, or gives other bytes: it was deleted or archived in this moment, or the repository is a pull-through cache whose upstream is not reached.',
    fix: 'Deploy again. In a pull-through cache pull the image once before.',
  },
  'DD-IMAGE-204': {
    when: 'ECR refused to take the tag away, for the reason that the message shows.',
    fix: 'See the reason; removing the tag yourself and deploying again is always possible.',
  },
  'DD-IMAGE-206': {
    when: 'An `ImageTag` of an image of another repository has to copy it first, and the fifteen minutes of the function did not do. The tag was not put; layers that are complete stay.',
    fix: 'Deploy again, and it goes on, or use `ImageCopy`, which goes on by itself.',
  },
  'DD-IMAGE-301': {
    when: 'The selection means more images than `maxImages` lets through. Nothing was deleted. Every image is in the log of the function.',
    fix: 'Narrow the selection, raise `maxImages`, or put the hash that the message shows into `acknowledgedPlans`: it stands for exactly these images.',
  },
  'DD-IMAGE-302': {
    when: 'The selection means a larger share of the repository than `maxPercent` (50 by default) lets through. Nothing was deleted. Untagged images that an index holds count as long as the manifests of all indexes are not read.',
    fix: 'Narrow the selection, set `readIndexes`, raise `maxPercent`, or put the hash that the message shows into `acknowledgedPlans`.',
  },
  'DD-IMAGE-303': {
    when: 'BatchDeleteImage named images that it did not delete, for other reasons than that an index holds them. The others are gone and do not come back.',
    fix: 'The reasons are in the message and, for every image, in the log. With `onFailure: CleanupFailure.REPORT` they are only counted.',
  },
  'DD-IMAGE-304': {
    when: 'The repository has so many images, or ECR throttled so long, that the fifteen minutes of the function did not do. What was deleted is gone.',
    fix: 'Deploy again: it goes on with the rest.',
  },
  'DD-IMAGE-305': {
    when: 'An `ImageCleanup` with `inUse` could not ask ECS or Lambda what they run; the message names the call. Nothing was deleted.',
    fix: 'See whether a service control policy or a permissions boundary denies the call: the role has what it needs.',
  },
};
