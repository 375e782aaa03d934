import { environmentKey } from './deployed';
import { DesiredApp, DesiredResource, DesiredStack } from './desired';
import { stable } from '../access/compare';

/** A resource before and after; one side is absent where it comes or goes. */
export interface ResourcePair {
  readonly before?: DesiredResource;
  readonly after?: DesiredResource;
  /** Whether CloudFormation has anything to do: the order of members does not matter, what only the deployment knows is compared as the template has it. */
  readonly changed: boolean;
  /** Set where nobody can say what is there now. */
  readonly isUnknown: boolean;
}

/** What is deployed, or was when the other folder was synthesized. */
export interface Before {
  /** Undefined: nothing is deployed. */
  readonly app?: DesiredApp;
  /** `stackKey`s of what is there and cannot be read. */
  readonly unknownStacks?: ReadonlySet<string>;
}

/** A stack by what CloudFormation knows it by; a nested one by the resource that stands for it. */
export function stackKeys(app: DesiredApp): ReadonlyMap<string, string> {
  const stacks = new Map(app.stacks.map((stack) => [stack.id, stack]));
  const keyOf = (stack: DesiredStack): string => {
    const parent = stack.nestedIn && stacks.get(stack.nestedIn.stackId);
    return parent === undefined ? stackKey(stack) : `${keyOf(parent)}/${stack.nestedIn!.logicalId}`;
  };
  return new Map(app.stacks.map((stack) => [stack.id, keyOf(stack)]));
}

export function stackKey(stack: Pick<DesiredStack, 'stackName' | 'account' | 'region'>): string {
  return `${environmentKey(stack)}:${stack.stackName}`;
}

/** Every resource of the stacks that the app after has, in its order, those that go behind the others. Stacks that left the app are not deployed, nor deleted. */
export function pairResources({ app, unknownStacks = new Set() }: Before, after: DesiredApp): ResourcePair[] {
  const [keysBefore, keysAfter] = [app === undefined ? new Map<string, string>() : stackKeys(app), stackKeys(after)];
  const outermost = new Set(after.stacks.filter(({ nestedIn }) => nestedIn === undefined).map(stackKey));
  const isDeployed = (key: string) => outermost.has(key.split('/').slice(0, 2).join('/'));
  const found = new Map<string, DesiredResource>();
  for (const resource of (app?.stacks ?? []).flatMap(({ resources }) => resources)) {
    const key = keysBefore.get(resource.stackId)!;
    if (isDeployed(key)) {
      found.set(`${key}#${resource.at.logicalId}`, resource);
    }
  }
  const isUnknown = (key: string) => [...unknownStacks].some((unknown) => key === unknown || key.startsWith(`${unknown}/`));
  const pairs = after.stacks.flatMap(({ resources }) => resources).map((resource): ResourcePair => {
    const stack = keysAfter.get(resource.stackId)!;
    const key = `${stack}#${resource.at.logicalId}`;
    const before = found.get(key);
    found.delete(key);
    const isUndecided = resource.undecidedCondition !== undefined || before?.undecidedCondition !== undefined;
    return {
      ...(before && { before }), after: resource, isUnknown: isUnknown(stack) || isUndecided,
      changed: before === undefined || before.type !== resource.type || stable(before.properties) !== stable(resource.properties),
    };
  });
  return [...pairs, ...[...found.values()].map((before) => ({ before, changed: true, isUnknown: before.undecidedCondition !== undefined }))];
}

/** Stacks that were there and are not in the app any more. */
export function departedStacks({ app }: Before, after: DesiredApp): DesiredStack[] {
  const kept = new Set(after.stacks.map(stackKey));
  return (app?.stacks ?? []).filter((stack) => stack.nestedIn === undefined && !kept.has(stackKey(stack)));
}
