import { InventoryCode } from './codes';
import { epochMillis } from './time';
import { isObject, kindOf, show } from './validate-support';

type Add = (code: InventoryCode, pointer: string, message: string, value?: unknown, fix?: string) => void;

const TEXTS = ['registryId', 'repositoryArn', 'repositoryUri', 'imageTagMutability', 'lifecyclePolicyText', 'repositoryPolicyText'] as const;

/** What an inventory says of repositories themselves: `repositories`, each once. */
export function checkInventoryRepositories(repositories: unknown, add: Add): void {
  if (repositories === undefined) {
    return;
  }
  if (!Array.isArray(repositories)) {
    add('DD-INVENTORY-009', '/repositories', `\`repositories\` is ${kindOf(repositories)}; it must be a list.`, repositories);
    return;
  }
  const seen = new Map<string, number>();
  repositories.forEach((repository: unknown, index) => {
    const pointer = `/repositories/${index}`;
    if (!isObject(repository) || typeof repository.repositoryName !== 'string' || repository.repositoryName === '') {
      add('DD-INVENTORY-009', pointer, `Repository ${index} has no repositoryName.`, repository);
      return;
    }
    const key = JSON.stringify([repository.registryId, repository.repositoryName]);
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      add('DD-INVENTORY-009', pointer, `Repository ${index} (${repository.repositoryName}) is repository ${earlier} again.`, repository.repositoryName, 'List every repository once.');
    }
    seen.set(key, index);
    checkMembers(repository, pointer, `Repository ${index} (${repository.repositoryName})`, add);
  });
}

function checkMembers(repository: Record<string, unknown>, pointer: string, who: string, add: Add): void {
  const wrong = (name: string, wanted: string) => add('DD-INVENTORY-009', `${pointer}/${name}`, `${who}: ${name} is ${show(repository[name])}; it must be ${wanted}.`, repository[name]);
  const check = (name: string, wanted: string, fits: (value: unknown) => boolean) => {
    if (repository[name] !== undefined && !fits(repository[name])) {
      wrong(name, wanted);
    }
  };
  TEXTS.forEach((name) => check(name, 'a string', isText));
  check('createdAt', 'a point in time (ISO 8601 with a zone, or seconds since 1970)', (value) => !Number.isNaN(epochMillis(value as never)));
  check('tags', 'a list of {"Key": "...", "Value": "..."}', (value) => Array.isArray(value) && value.every((tag) => isObject(tag) && isText(tag.Key) && isText(tag.Value)));
  check('imageTagMutabilityExclusionFilters', 'a list of {"filterType": "WILDCARD", "filter": "..."}',
    (value) => Array.isArray(value) && value.every((entry) => isObject(entry) && isText(entry.filterType) && isText(entry.filter)));
  check('imageScanningConfiguration', '{"scanOnPush": true} or {"scanOnPush": false}',
    (value) => isObject(value) && (value.scanOnPush === undefined || typeof value.scanOnPush === 'boolean'));
  check('encryptionConfiguration', '{"encryptionType": "..."} with a kmsKey or without', (value) =>
    isObject(value) && isText(value.encryptionType) && (value.kmsKey === undefined || isText(value.kmsKey)));
  check('unread', 'a list of names', (value) => Array.isArray(value) && value.every(isText));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
