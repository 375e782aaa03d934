import { randomUUID } from 'node:crypto';
import { Refusal } from './refusal';
import { Stacks } from './state';
import { isObject } from '../assembly/intrinsics';

const SECRET_TYPE = 'AWS::SecretsManager::Secret';

interface Version {
  readonly versionId: string;
  readonly secretString: string;
}

/**
 * Secrets Manager, as far as handlers need it: the secrets of the rehearsed stacks, and those that the rehearsal was given by name or ARN. Values live as
 * long as the session: a state that is kept as a file holds none.
 */
export class Secrets {
  private readonly versions = new Map<string, Version>();

  constructor(private readonly stacks: () => Stacks, private readonly given: Readonly<Record<string, string>>) {}

  public answer(operation: string, request: Record<string, unknown>): Record<string, unknown> {
    const id = String(request.SecretId);
    const arn = this.arnOf(id);
    switch (operation) {
      case 'GetSecretValue': {
        const version = this.versions.get(arn) ?? this.first(arn, id);
        return { ARN: arn, Name: nameOf(arn), VersionId: version.versionId, SecretString: version.secretString, VersionStages: ['AWSCURRENT'] };
      }
      case 'PutSecretValue': {
        const versionId = String(request.ClientRequestToken ?? randomUUID());
        this.versions.set(arn, { versionId, secretString: String(request.SecretString) });
        return { ARN: arn, Name: nameOf(arn), VersionId: versionId, VersionStages: ['AWSCURRENT'] };
      }
      default:
        throw new Refusal('InvalidAction', `A rehearsal does not know ${operation} of Secrets Manager.`);
    }
  }

  /** The ARN and the key behind the name, or part of an ARN, that a request gives. */
  public known(_operation: string, request: Record<string, unknown>): Record<string, unknown> {
    const id = String(request.SecretId);
    const record = this.records().find(({ physicalId }) => physicalId === id || nameOf(physicalId) === nameOf(id));
    const { KmsKeyId } = record?.properties ?? {};
    // Secrets Manager ends ARNs in six characters of its own; a secret that was only told by its name has some.
    const arn = record?.physicalId ?? (/-[A-Za-z0-9]{6}$/.test(id) && id.startsWith('arn:') ? id : `${id}-Secret`);
    return { arn, ...(typeof KmsKeyId === 'string' && KmsKeyId.startsWith('arn:') && { kmsKey: KmsKeyId }) };
  }

  private first(arn: string, id: string): Version {
    const text = this.given[id] ?? this.given[nameOf(id)] ?? this.inTemplate(arn);
    if (text === undefined) {
      throw new Refusal('ResourceNotFoundException', 'Secrets Manager can\'t find the specified secret value for staging label: AWSCURRENT');
    }
    const version = { versionId: randomUUID(), secretString: text };
    this.versions.set(arn, version);
    return version;
  }

  private arnOf(id: string): string {
    const found = this.records().find(({ physicalId }) => physicalId === id || nameOf(physicalId) === nameOf(id))?.physicalId;
    if (found === undefined && this.given[id] === undefined && this.given[nameOf(id)] === undefined) {
      throw new Refusal('ResourceNotFoundException', 'Secrets Manager can\'t find the specified secret.');
    }
    return found ?? id;
  }

  private inTemplate(arn: string): string | undefined {
    const { SecretString, GenerateSecretString } = this.records().find(({ physicalId }) => physicalId === arn)?.properties ?? {};
    if (typeof SecretString === 'string') {
      return SecretString;
    }
    if (!isObject(GenerateSecretString)) {
      return undefined;
    }
    const password = randomUUID().replaceAll('-', '');
    const { SecretStringTemplate, GenerateStringKey } = GenerateSecretString;
    return typeof SecretStringTemplate === 'string' ? JSON.stringify({ ...JSON.parse(SecretStringTemplate), [String(GenerateStringKey)]: password }) : password;
  }

  private records() {
    return this.stacks().all().flatMap((stack) => [...stack.resources.values()]).filter(({ type }) => type === SECRET_TYPE);
  }
}

function nameOf(arn: string): string {
  return arn.startsWith('arn:') ? arn.split(':').slice(6).join(':') : arn;
}
