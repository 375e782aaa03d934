import { Annotations, Stack, Token } from 'aws-cdk-lib';
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
    Annotations.of(scope).addWarningV2(`cdk-drydock:${warning.code}`, messagesOf([warning])[0]);
  }
}

/** The stack that CloudFormation deploys: a nested stack's parent, or its parent. */
export function outermostStack(stack: Stack): Stack {
  return stack.nestedStackParent ? outermostStack(stack.nestedStackParent) : stack;
}

/** The name under which the construct is deployed, or nothing where only the deployment knows it. */
export function deployedStackName(scope: IConstruct): string | undefined {
  const { stackName } = outermostStack(Stack.of(scope));
  return Token.isUnresolved(stackName) ? undefined : stackName;
}

/** Problems as the messages that `node.addValidation` wants. */
export function messagesOf(problems: readonly Problem[]): string[] {
  return problems.map(({ code, pointer, message, fix }) => `${code} at ${pointer || '/'}: ${message}${fix ? ` Fix: ${fix}` : ''}`);
}
