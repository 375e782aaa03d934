import { Who } from './describe';

/** Whom a change is about, in words that name account, role or service; `registryId` is the account that owns the repository. */
export function whoWords({ kind, value, except }: Who, registryId?: string): string {
  if (kind === 'AWS' && value === '*') {
    return except === undefined || except.length === 0 ? 'everybody' : `everybody but ${list(except.map((one) => exceptWords(one, registryId)))}`;
  }
  switch (kind) {
    case 'AWS': return awsWords(value, registryId);
    case 'Service': return `service ${known(value)}`;
    case 'Federated': return `users that ${known(value)} has signed in`;
    case 'CanonicalUser': return `canonical user ${known(value)}`;
    default: return `${kind} ${known(value)}`;
  }
}

/** A `NotPrincipal` has lost its kinds by now. */
function exceptWords(value: string, registryId: string | undefined): string {
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(value) ? `service ${value}` : awsWords(value, registryId);
}

function awsWords(value: string, registryId: string | undefined): string {
  const account = (id: string) => id === registryId ? `account ${id} (the owner)` : `account ${id}`;
  if (/^\d{12}$/.test(value)) {
    return account(value);
  }
  const [, service, id, resource] = /^arn:[^:]*:(iam|sts)::(\d{12}):(.+)$/.exec(value) ?? [];
  const [type, ...names] = (resource ?? '').split('/');
  const name = names.join('/');
  if (service === 'iam' && (type === 'role' || type === 'user') && name !== '') {
    return `${type} ${name} of ${account(id)}`;
  }
  if (service === 'sts' && type === 'assumed-role' && names.length >= 2) {
    return `session ${names.slice(1).join('/')} of role ${names[0]} of ${account(id)}`;
  }
  if (service === 'sts' && type === 'federated-user' && name !== '') {
    return `federated user ${name} of ${account(id)}`;
  }
  if (/^AROA[A-Z0-9]{12,}$/.test(value)) {
    return `a role that was deleted (${value})`;
  }
  if (/^AIDA[A-Z0-9]{12,}$/.test(value)) {
    return `a user that was deleted (${value})`;
  }
  return known(value);
}

/** A principal that is no text was made one by `principalValues`. */
function known(value: string): string {
  return /^[{[]/.test(value) || /[$#]\{/.test(value) ? `a principal that only the deployment knows: ${value}` : value;
}

export function list(texts: readonly string[], word = 'and'): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} ${word} ${texts[texts.length - 1]}`;
}
