import { FaultRule } from './script';
import { EcrError } from '../ecr-error';
import { HookedCall, Outcome } from '../hooks';
import { repositoryNameIn } from './repository-name';
import { principalOf } from '../operations/pull-time';
import { Interception } from '../options';
import { repositoryArn, RegistryIdentity } from '../registry/registry';

/** How a layer's address, which is Amazon S3's, calls what the API calls so. */
const S3_NAMES: Readonly<Record<string, readonly [string, string, number]>> = {
  ThrottlingException: ['SlowDown', 'Please reduce your request rate.', 503],
  ServerException: ['InternalError', 'We encountered an internal error. Please try again.', 500],
  AccessDeniedException: ['AccessDenied', 'Access Denied', 403],
};

const PROXY_PAGE = (statusCode: number) => `<html>\r\n<head><title>${statusCode} Proxy</title></head>\r\n<body>\r\n<center><h1>The gateway could not handle the request</h1></center>\r\n</body>\r\n</html>\r\n`;

/** What a client gets in place of an answer, where the rule's fault is one of these. */
export function answerOf(rule: FaultRule, call: HookedCall, registry: RegistryIdentity, outcome: Outcome | undefined): Interception | undefined {
  switch (rule.fault) {
    case 'throttle':
      return error(call, 'ThrottlingException', 'Rate exceeded');
    case 'accessDenied':
      return error(call, 'AccessDeniedException', denial(call, registry));
    case 'serverError':
      return (rule.statusCode ?? 500) === 500
        ? error(call, 'ServerException', 'The service failed; this was told by a fault script.')
        : { reply: { statusCode: rule.statusCode!, contentType: 'text/plain', body: '' } };
    case 'reset':
      return { disconnect: true };
    case 'malformed':
      return { reply: malformed(rule, outcome) };
    default:
      return undefined;
  }
}

/** When a fault answers. */
export function timeOf(rule: FaultRule): 'before' | 'after' {
  return 'when' in rule && rule.when !== undefined ? rule.when : rule.fault === 'malformed' && rule.content === 'cut' ? 'after' : 'before';
}

function error(call: HookedCall, type: string, message: string): Interception {
  const [name, text, statusCode] = call.operation === 'DownloadLayer' ? S3_NAMES[type] : [type, message];
  return { error: new EcrError(name, text, { statusCode }) };
}

function denial({ operation, input, caller }: HookedCall, registry: RegistryIdentity): string {
  const action = `ecr:${operation.replace(/^v2:/, '')}`;
  return `User: ${principalOf(caller)} is not authorized to perform: ${action} on resource: ${repositoryArn(registry, repositoryNameIn(input) ?? '*')} `
    + `because no identity-based policy allows the ${action} action`;
}

function malformed({ content = 'html', statusCode = 200 }: Extract<FaultRule, { fault: 'malformed' }>, outcome: Outcome | undefined) {
  if (content === 'html') {
    return { statusCode, contentType: 'text/html', body: PROXY_PAGE(statusCode) };
  }
  if (content === 'text') {
    return { statusCode, contentType: 'application/x-amz-json-1.1', body: 'upstream connect error or disconnect' };
  }
  const text = JSON.stringify(outcome === undefined ? {} : 'output' in outcome ? outcome.output : outcome.error.body());
  return { statusCode, contentType: 'application/x-amz-json-1.1', body: text.slice(0, Math.floor(text.length / 2)) };
}
