import { randomUUID } from 'node:crypto';
import { isObject } from '../assembly/intrinsics';
import type { Reply } from '../emulator';

/** GetParameter and GetParameters, for the parameters that the stacks hold. Undefined: somebody else may know it. */
export function answerSsm(
  target: string, body: string, parameters: Readonly<Record<string, string>>, place: { readonly region: string; readonly accountId: string },
): Reply | undefined {
  const input = objectOf(body);
  const described = (Name: string) => ({
    Name, Type: 'String', Value: parameters[Name], Version: 1, DataType: 'text', ARN: `arn:aws:ssm:${place.region}:${place.accountId}:parameter${Name.startsWith('/') ? '' : '/'}${Name}`,
  });
  const known = (name: unknown): name is string => typeof name === 'string' && Object.hasOwn(parameters, name);
  if (target === 'AmazonSSM.GetParameter') {
    return known(input.Name) ? json(200, { Parameter: described(input.Name) }) : undefined;
  }
  if (target === 'AmazonSSM.GetParameters' && Array.isArray(input.Names)) {
    const found = input.Names.filter(known);
    return found.length === 0 ? undefined : json(200, { Parameters: found.map(described), InvalidParameters: input.Names.filter((name) => !known(name)) });
  }
  return undefined;
}

/** As SSM says that there is no such parameter. */
export function noParameter(target: string): Reply {
  return target === 'AmazonSSM.GetParameters' ? json(200, { Parameters: [], InvalidParameters: [] })
    : target === 'AmazonSSM.GetParameter' ? refusal('ParameterNotFound', '')
      : refusal('UnknownOperationException', `Of SSM there are GetParameter and GetParameters here, and not ${target.replace(/^AmazonSSM\./, '')}.`);
}

export function json(statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return { statusCode, headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID(), ...headers }, body: JSON.stringify(body) };
}

export function refusal(type: string, message: string, statusCode = 400): Reply {
  return json(statusCode, { __type: type, message }, { 'x-amzn-errortype': type });
}

function objectOf(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
