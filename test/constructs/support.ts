import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

export const ENV = { account: '123456789012', region: 'us-east-1' };

export function stackOf(name = 'Shop', app = new App()): Stack {
  return new Stack(app, name, { env: ENV });
}

type Resource = { Type: string; Properties: Record<string, any>; DependsOn?: string[]; DeletionPolicy?: string; UpdateReplacePolicy?: string };

/** All resources of a type, by logical id. */
export function resources(stack: Stack, type: string): Record<string, Resource> {
  return Template.fromStack(stack).findResources(type) as Record<string, Resource>;
}

/** The one resource of a type. */
export function only(stack: Stack, type: string): Resource & { logicalId: string } {
  const found = Object.entries(resources(stack, type));
  expect(found.map(([id]) => id)).toHaveLength(1);
  return { logicalId: found[0][0], ...found[0][1] };
}

/** The statements of all permission policies of the stack. */
export function permissions(stack: Stack): { Action: string[]; Resource: unknown; Condition?: unknown }[] {
  return Object.values(resources(stack, 'AWS::IAM::ManagedPolicy')).flatMap((policy) => policy.Properties.PolicyDocument.Statement);
}

export function codesOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    return (error as { problems: { code: string }[] }).problems.map(({ code }) => code);
  }
  throw new Error('nothing was thrown');
}
