import { validationError } from './input';

/** As many as CloudFormation gives at once. */
const PAGE = 100;

/** A page of a list that grows at its beginning: the token names the first member of the next page, so that nothing is told twice and nothing left out. */
export function page<T>(members: readonly T[], token: string | undefined, idOf: (member: T, index: number) => string): { members: readonly T[]; nextToken?: string } {
  const wanted = token === undefined || token === '' ? undefined : Buffer.from(token, 'base64url').toString('utf8');
  const start = wanted === undefined ? 0 : members.findIndex((member, index) => idOf(member, index) === wanted);
  if (start < 0) {
    throw validationError(`1 validation error detected: Value '${token}' at 'nextToken' is not a token of this list`);
  }
  const end = start + PAGE;
  return { members: members.slice(start, end), ...end < members.length ? { nextToken: Buffer.from(idOf(members[end], end)).toString('base64url') } : {} };
}
