import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as library from '../src';
import { IMAGE_PERMISSIONS } from '../src/image-permissions';
import * as images from '../src/image-resources';
import { HANDLER_PERMISSIONS } from '../src/permissions';
import * as resources from '../src/resources';

const ROOT = path.join(__dirname, '..');
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');

const OPERATIONS = [
  'BatchCheckLayerAvailability', 'BatchDeleteImage', 'BatchGetImage', 'CompleteLayerUpload', 'CreateRepository', 'DeleteLifecyclePolicy', 'DeleteRepository',
  'DeleteRepositoryPolicy', 'DescribeImages', 'DescribeRepositories', 'GetAuthorizationToken', 'GetDownloadUrlForLayer', 'GetLifecyclePolicy', 'GetLifecyclePolicyPreview',
  'GetRepositoryPolicy', 'InitiateLayerUpload', 'ListImages', 'PutImage', 'PutLifecyclePolicy', 'SetRepositoryPolicy', 'StartLifecyclePolicyPreview', 'UploadLayerPart',
];

interface Row {
  readonly operation: string;
  readonly constructs: readonly string[];
  readonly commands: readonly string[];
  readonly permission: string;
  readonly tests: readonly string[];
}

const names = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
const ROWS: Row[] = read('docs/operations.md').split('\n').filter((line) => /^\| `[A-Z]/.test(line)).map((line) => {
  const [operation, constructs, commands, permission, tests] = line.split('|').slice(1, 6);
  return {
    operation: names(operation)[0], constructs: names(constructs), commands: names(commands), permission: names(permission)[0],
    tests: [...tests.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file]) => file),
  };
});

/** `Repository` and what the template calls it. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  Repository: [resources.REPOSITORY_TYPE],
  RepositoryPolicy: [resources.REPOSITORY_POLICY_TYPE],
  LifecyclePolicy: [resources.LIFECYCLE_POLICY_TYPE],
  LifecyclePolicyPreview: [resources.LIFECYCLE_POLICY_PREVIEW_TYPE],
  PreviewGate: [resources.PREVIEW_GATE_TYPE],
  ImageCopy: [images.IMAGE_COPY_TYPE],
  ImageTag: [images.IMAGE_TAG_TYPE],
  ImageDigest: [images.IMAGE_DIGEST_TYPE],
  ImageCleanup: [images.IMAGE_CLEANUP_TYPE],
  RegistryCredentials: [images.REGISTRY_CREDENTIALS_TYPE],
};
const ALLOWED: Readonly<Record<string, readonly { readonly action: string }[]>> = {
  ...HANDLER_PERMISSIONS, ...IMAGE_PERMISSIONS, [images.REGISTRY_CREDENTIALS_TYPE]: allowedToCredentials(),
};

/** Its function has a role of its own, because the login that it makes may do what the role may. */
function allowedToCredentials(): { readonly action: string }[] {
  const stack = new Stack(new App(), 'Stack');
  new library.RegistryCredentials(stack, 'Login', { repositories: [library.Repository.fromRepositoryName(stack, 'Imported', 'shop/api')] });
  return [...new Set(JSON.stringify(Template.fromStack(stack).toJSON()).match(/ecr:[A-Za-z]+/g))].map((action) => ({ action }));
}

describe('docs/operations.md', () => {
  test('lists the 22 operations, each once', () => {
    expect(ROWS.map(({ operation }) => operation)).toEqual(OPERATIONS);
  });

  test.each(ROWS)('$operation: names its permission, and every construct that is allowed it', ({ operation, constructs, permission }) => {
    expect(permission).toBe(`ecr:${operation}`);
    expect(constructs.filter((name) => !(name in library))).toEqual([]);
    const allowed = Object.entries(TYPES).filter(([, types]) => types.some((type) => ALLOWED[type].some(({ action }) => action === permission)));
    expect([...constructs].sort()).toEqual(allowed.map(([name]) => name).sort());
  });

  test.each(ROWS)('$operation: the commands exist', ({ commands }) => {
    const known = fs.readdirSync(path.join(ROOT, 'src/cli')).flatMap((file) => [...read(`src/cli/${file}`).matchAll(/new Command\('(\w+)'\)/g)].map(([, name]) => `drydock ${name}`));
    expect(commands.filter((name) => !known.includes(name))).toEqual([]);
  });

  test.each(ROWS)('$operation: the tests that show it call it', ({ operation, tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter((file) => !new RegExp(`\\b${operation}(Command)?\\b`).test(read(file)))).toEqual([]);
  });

  test('every type of resource has a construct here', () => {
    expect(Object.keys(ALLOWED).filter((type) => !Object.values(TYPES).flat().includes(type))).toEqual([]);
  });
});
