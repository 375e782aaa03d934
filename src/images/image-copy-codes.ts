/** Every code of copies in a deployment and of logins that are kept fresh; docs/errors.md has one entry for each. */
export const IMAGE_COPY_CODES = {
  'DD-IMAGE-201': 'The copy was not finished within the time that it has',
  'DD-IMAGE-202': 'The stack rolls back; the tags were not put',
  'DD-IMAGE-203': 'What the tags stood for before cannot be remembered',
  'DD-IMAGE-204': 'The copy could not go on in its state machine',
  'DD-IMAGE-205': 'The secret with the credentials has no text',
  'DD-IMAGE-220': 'ECR gave no login',
  'DD-IMAGE-250': 'The source of the image is not complete',
  'DD-IMAGE-251': 'The tags of the copy cannot be used',
  'DD-IMAGE-252': 'The copy has more time than CloudFormation gives, or hardly any',
  'DD-IMAGE-253': 'The removal policy of the copy is not one of RETAIN and DESTROY',
  'DD-IMAGE-254': 'A platform cannot be read',
  'DD-IMAGE-270': 'The login has no repositories',
  'DD-IMAGE-271': 'The login is not made anew in time',
} as const;

export type ImageCopyCode = keyof typeof IMAGE_COPY_CODES;
