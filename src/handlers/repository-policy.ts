import { problem } from './codes';
import { repositoryMissing } from './lifecycle-in-force';
import { addressInPhysicalId, physicalIdOf } from './ownership';
import { isObject, PropertyReader } from './properties';
import { isRepositoryName } from '../resources';
import { Attributes, Resource } from './resource';
import { Run } from './run';
import { convergeStatements } from './statements';
import { checkStatements } from '../access/check';
import { Statement } from '../access/model';
import { isRepositoryNotFound } from '../ecr/errors';
import { RepositoryAddress } from '../ecr/registry';

interface StatementsWanted {
  readonly address: RepositoryAddress;
  readonly statements: readonly Statement[];
  readonly allowLockOut: boolean;
}

/** `Custom::DrydockRepositoryPolicy`: its own statements, known by their Sid, in a policy that others write, too. */
export const repositoryPolicy: Resource<StatementsWanted> = {
  read(run) {
    const reader = new PropertyReader(run.event.ResourceProperties);
    const address = reader.address(run.home);
    const statements = reader.objects('Statements') as unknown as readonly Statement[];
    const allowLockOut = reader.flag('AllowLockOut', false);
    checkSids(reader, statements);
    reader.add('Statements', checkStatements(statements, { allowLockOut }).problems.map((p) => ({ ...p, pointer: p.pointer.replace(/^\/Statement(?=\/)/, '') })));
    reader.check('The statements cannot be put into the repository policy:');
    return { address, statements, allowLockOut };
  },

  physicalId: (run, { address }) => physicalIdOf('repository-policy', address, run.event.LogicalResourceId),

  create: (run, wanted) => converge(run, wanted, []),

  update: (run, wanted) => converge(run, wanted, earlierStatements(run, wanted.address)),

  gone: attributesOf,

  async delete(run) {
    const named = new PropertyReader(run.event.ResourceProperties).address(run.home, false);
    const address = isRepositoryName(named.repositoryName) ? named : addressInPhysicalId(run.event.PhysicalResourceId ?? '');
    if (address === undefined) {
      run.log.warn('Neither the properties nor the id name a repository; there is nothing to delete.');
      return;
    }
    try {
      await convergeStatements(run, { address, ours: [], previous: statementsIn(run.event.ResourceProperties), allowLockOut: false, isUndo: false });
    } catch (error) {
      if (!isRepositoryNotFound(error)) {
        throw error;
      }
      run.log.info('The repository does not exist any more.', { repositoryName: address.repositoryName });
    }
  },
};

async function converge(run: Run, { address, statements, allowLockOut }: StatementsWanted, previous: readonly Statement[]): Promise<Attributes> {
  try {
    await convergeStatements(run, { address, ours: statements, previous, allowLockOut, isUndo: false });
  } catch (error) {
    throw isRepositoryNotFound(error) ? repositoryMissing(run, address, error) : error;
  }
  return attributesOf(run, { address });
}

function attributesOf(run: Run, { address }: Pick<StatementsWanted, 'address'>): Attributes {
  return { RepositoryName: address.repositoryName, RegistryId: run.registryIdOf(address) };
}

function checkSids(reader: PropertyReader, statements: readonly Statement[]): void {
  if (statements.length === 0 && reader.problems.every(({ pointer }) => pointer !== 'Statements')) {
    reader.problems.push(problem('DD-HANDLER-001', 'Statements', 'Statements is missing or empty.', { fix: 'Give at least one statement, or remove the resource.' }));
  }
  statements.forEach(({ Sid }, index) => {
    if (Sid === undefined || (Sid as unknown) === '') {
      reader.wrong(`Statements/${index}/Sid`, Sid, 'must be text: by its Sid a statement is known as this resource\'s');
    }
  });
}

/** The statements of the properties before, where they were about the same repository. */
function earlierStatements(run: Run, address: RepositoryAddress): readonly Statement[] {
  const old = new PropertyReader(run.event.OldResourceProperties ?? {}).address(run.home, false);
  const isSame = old.repositoryName === address.repositoryName && old.registryId === address.registryId;
  return isSame ? statementsIn(run.event.OldResourceProperties) : [];
}

function statementsIn(properties: Readonly<Record<string, unknown>> | undefined): readonly Statement[] {
  const value = properties?.Statements;
  return Array.isArray(value) ? value.filter((one): one is Statement => isObject(one) && typeof one.Sid === 'string' && one.Sid !== '') : [];
}
