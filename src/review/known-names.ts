import { Environment } from './deployed';
import { partitionOf } from '../assembly/partition';

interface Named extends Environment {
  readonly name: string;
  /** Of IAM. */
  readonly path?: string;
}

/** Property whose value Ref gives, for resources that others name most. */
const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  'AWS::ECR::Repository': 'RepositoryName',
  'Custom::DrydockRepository': 'RepositoryName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::User': 'UserName',
};

export function nameIsRef(type: string): string | undefined {
  return Object.hasOwn(NAME_PROPERTIES, type) ? NAME_PROPERTIES[type] : undefined;
}

/** An attribute that follows from a resource's name or physical id. Undefined where it does not, or where account or Region are needed and not known. */
export function attributeByName(type: string, attribute: string, named: Named): string | undefined {
  const { name, path = '/', account, region } = named;
  switch (`${type}.${attribute}`) {
    case 'Custom::DrydockRepository.RepositoryName': return name;
    case 'Custom::DrydockRepository.RegistryId': return account;
    case 'AWS::ECR::Repository.Arn':
    case 'Custom::DrydockRepository.Arn': return arnOf(named, 'ecr', `repository/${name}`);
    case 'AWS::ECR::Repository.RepositoryUri':
    case 'Custom::DrydockRepository.RepositoryUri':
      return account === undefined || region === undefined ? undefined : `${account}.dkr.ecr.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/${name}`;
    case 'AWS::IAM::Role.Arn': return arnOf({ ...named, region: named.region ?? '' }, 'iam', `role${path}${name}`, false);
    case 'AWS::IAM::User.Arn': return arnOf({ ...named, region: named.region ?? '' }, 'iam', `user${path}${name}`, false);
    case 'AWS::KMS::Key.KeyId': return name;
    case 'AWS::KMS::Key.Arn': return arnOf(named, 'kms', `key/${name}`);
    default: return undefined;
  }
}

export function arnOf({ account, region }: Environment, service: string, rest: string, regional = true): string | undefined {
  return account === undefined || region === undefined ? undefined : `arn:${partitionOf(region)}:${service}:${regional ? region : ''}:${account}:${rest}`;
}
