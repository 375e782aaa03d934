import { Annotations, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { DrydockError, Problem } from './errors';

/** Throws every problem at once, headed by the construct's path. */
export function throwProblems(scope: IConstruct, what: string, problems: readonly Problem[]): void {
  if (problems.length > 0) {
    throw new DrydockError(problems, { heading: `${scope.node.path}: ${what}` });
  }
}

const ANNOTATED = new WeakMap<IConstruct, Set<string>>();

/**
 * One acknowledgeable annotation for each warning; its id is the code. Each is made once: CDK forgets, for warnings that come later, what was acknowledged
 * on the construct itself.
 */
export function annotate(scope: IConstruct, warnings: readonly Problem[]): void {
  const annotated = ANNOTATED.get(scope) ?? new Set<string>();
  ANNOTATED.set(scope, annotated);
  for (const warning of warnings) {
    const [message] = messagesOf([warning]);
    if (!annotated.has(message)) {
      annotated.add(message);
      Annotations.of(scope).addWarningV2(`cdk-drydock:${warning.code}`, message);
    }
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

/** What constructs of an app have to themselves, and the path of the one that has it. */
const CLAIMS = new WeakMap<IConstruct, Map<string, string>>();

/** The path of the construct that has claimed something, if one has. */
export function claimantOf(scope: IConstruct, what: string): string | undefined {
  return CLAIMS.get(scope.node.root)?.get(what);
}

/** Claims something for a construct. Answers the path of the construct that claimed it before, if that is another one. */
export function claim(scope: IConstruct, what: string): string | undefined {
  const claims = CLAIMS.get(scope.node.root) ?? new Map<string, string>();
  CLAIMS.set(scope.node.root, claims);
  const other = claims.get(what);
  claims.set(what, other ?? scope.node.path);
  return other === scope.node.path ? undefined : other;
}
