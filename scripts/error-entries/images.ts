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
};
