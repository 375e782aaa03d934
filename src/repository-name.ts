import { createHash } from 'node:crypto';
import { Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { deployedStackName, outermostStack } from './construct-support';
import { Problem } from './errors';
import { isRepositoryName } from './resources';

export function checkRepositoryName(name: string): Problem[] {
  if (Token.isUnresolved(name)) {
    return [];
  }
  const problem = (message: string, fix: string): Problem => ({ code: 'DD-REPOSITORY-001', pointer: 'repositoryName', message, value: name, fix });
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
  if (name.length < 2 || name.length > 256) {
    return [problem(`${shown} has ${name.length} characters; ECR wants 2 to 256.`, 'Choose a name of that length.')];
  }
  if (!isRepositoryName(name)) {
    return [problem(
      `${shown} is not a legal repository name: lower-case letters and digits, single separators . _ - (or __, or several -) between them, / between parts.`,
      `Write for example ${JSON.stringify(legal(name))}.`,
    )];
  }
  return [];
}

/**
 * A name that is the same in every synth of this construct in this stack, legal, and another one when something changes that ECR cannot change in place.
 * Made at synth, so that permissions and reviews can name the repository.
 */
export function generateRepositoryName(scope: Construct, id: string, createOnly: readonly unknown[]): string {
  const stack = outermostStack(Stack.of(scope));
  const stackName = deployedStackName(scope) ?? stack.node.id;
  const path = [...scope.node.scopes.map((part) => part.node.id), id];
  const inStack = path.slice(stack.node.scopes.length).filter((part) => part !== 'Default').join('-');
  const hash = createHash('sha256').update(JSON.stringify([stackName, path, createOnly])).digest('hex').slice(0, 8);
  const readable = legal(`${stackName}-${inStack}`).slice(0, 100).replace(/[^a-z0-9]+$/, '');
  // The user guide wants names to begin with a letter, though the API does not insist.
  return `${/^[a-z]/.test(readable) ? '' : 'r-'}${readable}-${hash}`;
}

function legal(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split('/')
    .map((part) => part.replace(/[^a-z0-9._-]+/g, '-').replace(/([._-])[._-]+/g, '$1').replace(/^[._-]+|[._-]+$/g, ''))
    .filter((part) => part !== '')
    .join('/') || 'repository';
}
