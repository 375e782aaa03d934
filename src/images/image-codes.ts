/** Every code of the constructs of images and of their handler; docs/errors.md has one entry for each. */
export const IMAGE_CODES = {
  'DD-IMAGE-001': 'That is no tag of an image',
  'DD-IMAGE-002': 'That is no digest of an image',
  'DD-IMAGE-101': 'No image of the repository has the tag',
  'DD-IMAGE-102': 'The image is archived',
  'DD-IMAGE-103': 'The repository has no image of the digest',
} as const;

export type ImageCode = keyof typeof IMAGE_CODES;
