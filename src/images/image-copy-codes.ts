/** Every code of copies in a deployment and of logins that are kept fresh; docs/errors.md has one entry for each. */
export const IMAGE_COPY_CODES = {
  'DD-IMAGE-501': 'The copy was not finished within the time that it has',
  'DD-IMAGE-502': 'The stack rolls back; the tags were not put',
  'DD-IMAGE-504': 'The copy could not go on in its state machine',
  'DD-IMAGE-503': 'ECR does not delete what the copy has put',
  'DD-IMAGE-505': 'The secret with the credentials has no text',
  'DD-IMAGE-506': 'A rehearsal does not reach the registry',
  'DD-IMAGE-520': 'ECR gave no login',
  'DD-IMAGE-550': 'The source of the image is not complete',
  'DD-IMAGE-551': 'The tags of the copy cannot be used',
  'DD-IMAGE-552': 'The copy has more time than CloudFormation gives, or hardly any',
  'DD-IMAGE-553': 'The removal policy of the copy is not one of RETAIN and DESTROY',
  'DD-IMAGE-554': 'A platform cannot be read',
  'DD-IMAGE-570': 'The login has no repositories',
  'DD-IMAGE-571': 'The login is not made anew in time',
} as const;

export type ImageCopyCode = keyof typeof IMAGE_COPY_CODES;
