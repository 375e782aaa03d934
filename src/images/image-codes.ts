/** Every code of the constructs of images and of their handler; docs/errors.md has one entry for each. */
export const IMAGE_CODES = {
  'DD-IMAGE-001': 'That is no tag of an image',
  'DD-IMAGE-002': 'That is no digest of an image',
  'DD-IMAGE-003': 'A property of an ImageTag contradicts another',
  'DD-IMAGE-004': 'Two constructs put the same tag',
  'DD-IMAGE-005': 'A selection or a limit of a cleanup cannot be used',
  'DD-IMAGE-101': 'No image of the repository has the tag',
  'DD-IMAGE-102': 'The image is archived',
  'DD-IMAGE-103': 'The repository has no image of the digest',
  'DD-IMAGE-201': 'The tag is immutable and stands for another image',
  'DD-IMAGE-202': 'The tag does not stand for the expected image',
  'DD-IMAGE-203': 'ECR does not give the manifest of the image',
  'DD-IMAGE-204': 'ECR does not take the tag away',
  'DD-IMAGE-206': 'The image could not be copied in time for its tag',
  'DD-IMAGE-301': 'More images would be deleted than may',
  'DD-IMAGE-302': 'A larger share of the images would be deleted than may',
  'DD-IMAGE-303': 'ECR refused to delete images',
  'DD-IMAGE-304': 'Time was up before all images were deleted',
  'DD-IMAGE-305': 'Which images are in use could not be found out',
} as const;

export type ImageCode = keyof typeof IMAGE_CODES;
