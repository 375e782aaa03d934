import { Caller, Demand, Refused } from './model';

const KINDS = { identity: 'identity-based', boundary: 'permissions boundary', resource: 'resource-based' } as const;

/**
 * A refusal in the words of AWS.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function refusalText(caller: Caller, { action, resource }: Demand, refused: Refused): string {
  const said = `User: ${caller.sessionArn ?? caller.arn} is not authorized to perform: ${action} on resource: ${resource}`;
  switch (refused.why) {
    case 'explicit-deny':
      return refused.by.kind === 'boundary' ? `${said} with an explicit deny in a permissions boundary` : `${said} with an explicit deny in ${article(KINDS[refused.by.kind])} policy`;
    case 'no-allow':
      return refused.missing === 'boundary'
        ? `${said} because no permissions boundary allows the ${action} action` : `${said} because no ${KINDS[refused.missing]} policy allows the ${action} action`;
    case 'unknown':
      // Not in the words of AWS: it would know.
      return `DD-IAM-002: ${said} as far as can be told: it depends on ${refused.what}, which cannot be evaluated here`;
  }
}

const article = (words: string) => /^[aeiou]/.test(words) ? `an ${words}` : `a ${words}`;
