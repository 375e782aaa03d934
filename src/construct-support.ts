import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { DrydockError, Problem } from './errors';

/** Throws every problem at once, headed by the construct's path. */
export function throwProblems(scope: IConstruct, what: string, problems: readonly Problem[]): void {
  if (problems.length > 0) {
    throw new DrydockError(problems, { heading: `${scope.node.path}: ${what}` });
  }
}

/** One acknowledgeable annotation for each warning; its id is the code. */
export function annotate(scope: IConstruct, warnings: readonly Problem[]): void {
  for (const warning of warnings) {
    const fix = warning.fix ? ` Fix: ${warning.fix}` : '';
    Annotations.of(scope).addWarningV2(`cdk-drydock:${warning.code}`, `${warning.code} at ${warning.pointer || '/'}: ${warning.message}${fix}`);
  }
}
