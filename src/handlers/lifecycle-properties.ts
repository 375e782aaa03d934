import { RepositoryAddress } from '../ecr/registry';
import { isDrydockError } from '../errors';
import { problem } from './codes';
import { PropertyReader } from './properties';
import { Run } from './run';
import { canonicalPolicyText, coercePolicy } from '../lifecycle/canonical';
import { gateFromProperty, GateSettings } from '../lifecycle/gate';
import { PolicyDocument } from '../lifecycle/model';
import { validatePolicy } from '../lifecycle/validate';

export interface LifecycleSettings {
  readonly address: RepositoryAddress;
  readonly policy: PolicyDocument;
  /** As it is put. */
  readonly text: string;
  readonly replaceExisting: boolean;
  /** Undefined: off. */
  readonly gate: GateSettings | undefined;
}

export function readLifecyclePolicy(run: Run): LifecycleSettings {
  const reader = new PropertyReader(run.event.ResourceProperties);
  const address = reader.address(run.home);
  const policy = readPolicy(reader, 'LifecyclePolicy');
  const replaceExisting = reader.flag('ReplaceExisting', false);
  const gate = readGate(reader);
  reader.check('The lifecycle policy cannot be put:');
  return { address, policy: policy as PolicyDocument, text: canonicalPolicyText(policy as PolicyDocument), replaceExisting, gate };
}

/** The policy of properties that need not be valid any more; undefined when it cannot be read. */
export function policyOf(properties: Readonly<Record<string, unknown>> | undefined): PolicyDocument | undefined {
  return readPolicy(new PropertyReader(properties ?? {}), 'LifecyclePolicy');
}

/** The document as an object, or as its text. */
export function readPolicy(reader: PropertyReader, name: string): PolicyDocument | undefined {
  const value = reader.raw(name);
  if (value === undefined || value === '') {
    reader.problems.push(problem('DD-HANDLER-001', name, `${name} is missing.`, { fix: 'Give a lifecycle policy with at least one rule.' }));
    return undefined;
  }
  let document = value;
  if (typeof value === 'string') {
    try {
      document = JSON.parse(value);
    } catch {
      reader.wrong(name, value, 'must be a lifecycle policy');
      return undefined;
    }
  }
  const { problems, policy } = validatePolicy(coercePolicy(document));
  reader.add(name, problems);
  return policy;
}

export function readGate(reader: PropertyReader): GateSettings | undefined {
  try {
    return gateFromProperty(reader.raw('PreviewGate'));
  } catch (error) {
    if (isDrydockError(error)) {
      reader.problems.push(...error.problems);
      return undefined;
    }
    throw error;
  }
}
