import { awscdk, javascript } from 'projen';
import { addSupplyChain, RELEASE_OPTIONS } from './projenrc/release';

const CDK_MINIMUM = '2.257.0';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-drydock',
  description: 'AWS CDK constructs for Amazon ECR that show what a change will do to your container images before it does it.',
  author: 'cdk-drydock contributors',
  authorAddress: 'cdk-drydock@users.noreply.github.com',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-drydock/cdk-drydock.git',
  license: 'Apache-2.0',
  copyrightOwner: 'cdk-drydock contributors',
  copyrightPeriod: '2026',
  homepage: 'https://github.com/cdk-drydock/cdk-drydock#readme',
  // What Construct Hub and people look for.
  keywords: ['aws', 'cdk', 'awscdk', 'aws-cdk', 'constructs', 'ecr', 'lifecycle-policy', 'repository-policy', 'container-images', 'retention', 'preview', 'docker', 'oci'],
  stability: 'experimental',
  defaultReleaseBranch: 'main',
  projenrcTs: true,
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.0.0',
  // Trusted publishing wants npm 11.5, which comes with this.
  workflowNodeVersion: '24',
  cdkVersion: CDK_MINIMUM,
  constructsVersion: '10.5.1',
  jsiiVersion: '~6.0.16',
  typescriptVersion: '~6.0.3',
  docgen: true,
  docgenFilePath: 'API.md',

  // One package for each language, named as its ecosystem does it: see docs/languages.md.
  publishToPypi: { distName: 'cdk-drydock', module: 'cdk_drydock', trustedPublishing: true },
  publishToMaven: { mavenGroupId: 'io.github.cdk-drydock', mavenArtifactId: 'cdk-drydock', javaPackage: 'io.github.cdkdrydock', mavenServerId: 'central-ossrh' },
  publishToNuget: { packageId: 'CdkDrydock', dotNetNamespace: 'CdkDrydock', trustedPublishing: true },
  publishToGo: { moduleName: 'github.com/cdk-drydock/cdk-drydock-go', packageName: 'cdkdrydock' },

  // Everything a user runs is bundled: the package installs nothing besides its two CDK peers.
  devDeps: [
    '@aws-sdk/client-cloudformation@^3',
    '@aws-sdk/client-ecr@^3',
    '@aws-sdk/client-ecs@^3',
    '@aws-sdk/client-lambda@^3',
    '@aws-sdk/client-s3@^3',
    '@aws-sdk/client-secrets-manager@^3',
    '@aws-sdk/client-sfn@^3',
    '@aws-sdk/client-sts@^3',
    '@cyclonedx/cyclonedx-library@^10',
    '@microsoft/jest-sarif@1.0.0-beta.0',
    '@types/cli-progress@^3',
    '@types/commonmark@^0.27',
    '@types/istanbul-lib-instrument@^1',
    '@types/node@^20',
    '@types/sarif@^2',
    '@types/tar-stream@^3',
    'ajv@^8',
    'ajv-formats@^3',
    'ajv-formats-draft2019@^1',
    'aws-cdk@2.1148.1',
    'cdk-nag@^3.0.2',
    'chart.js@^4',
    'cli-progress@^3',
    'commander@^14',
    'commonmark@^0.31',
    'esbuild@^0.28',
    'fast-check@^4',
    'fflate@^0.8.2',
    'istanbul-lib-instrument@^6',
    'parse5@^7',
    'packageurl-js@^2',
    'picocolors@^1',
    'playwright-core@^1',
    'tar-stream@^3',
    'tsconfig-paths@^4',
    'yaml@^2',
  ],
  bin: { drydock: 'bin/drydock' },
  autoDetectBin: false,

  // Repository layout.
  tsconfigDevFile: 'tsconfig.dev.json',
  tsconfigDev: {
    compilerOptions: { paths: { 'cdk-drydock': ['./src/index.ts'] } },
    include: ['examples/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
    // The page has browser globals, and a tsconfig of its own.
    exclude: ['lib', 'dist', 'assets', 'coverage', 'page', '**/cdk.out'],
  },
  eslintOptions: {
    dirs: ['src'],
    devdirs: ['test', 'examples', 'bench', 'scripts', 'page'],
    projectService: false,
    tsconfigPath: './tsconfig.dev.json',
    fileExtensions: ['.ts'],
  },
  jestOptions: {
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    junitReporting: false,
    jestConfig: {
      collectCoverage: false,
      moduleNameMapper: { '^cdk-drydock$': '<rootDir>/src/index.ts' },
      testTimeout: 60_000,
      randomize: true,
      // Many tests wait for processes and sockets; with one core left out, two cores would be one.
      maxWorkers: '100%',
    },
  },
  lambdaOptions: {},
  lambdaAutoDiscover: false,
  integrationTestAutoDiscover: false,
  edgeLambdaAutoDiscover: false,
  lambdaExtensionAutoDiscover: false,
  sampleCode: false,

  // Release: see docs/versions.md.
  ...RELEASE_OPTIONS,
  bumpPackage: 'commit-and-tag-version@^12',
  githubOptions: {
    mergify: false,
    pullRequestLint: true,
    pullRequestLintOptions: { semanticTitleOptions: { types: ['feat', 'fix', 'docs', 'test', 'refactor', 'chore'] } },
  },
  depsUpgrade: false,
  stale: false,

  gitignore: ['/assets/', '/THIRD-PARTY-NOTICES', '/sbom.cdx.json', '/coverage/', '/.demo/', '/.fuzz/', 'cdk.out/', '*.tsbuildinfo', '/.jsii.tabl.json'],
});

// unrs-resolver 1.13.0 lists platform packages that were never published, so `npm ci` refuses the lock file.
project.package.addPackageResolutions('unrs-resolver@1.12.2');

project.eslint?.addRules({
  '@stylistic/object-property-newline': 'off',
  '@stylistic/max-len': ['error', { code: 180, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreComments: true, ignoreRegExpLiterals: true }],
});
// These rooms are bundled: what they import ships inside the bundle, not as a dependency.
project.eslint?.addOverride({
  files: ['src/account/**', 'src/cli/**', 'src/ecr/**', 'src/handlers/**', 'page/**'],
  rules: { 'import/no-extraneous-dependencies': 'off', '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }] },
});

project.tryFindObjectFile('.eslintrc.json')?.addOverride('parserOptions.project', ['./tsconfig.dev.json', './page/tsconfig.json']);

project.tsconfigDev.addInclude('.projenrc.ts');
project.addPackageIgnore('/assets/**/*.map');
for (const pattern of [
  '/tsconfig.dev.json', '/bench/', '/docs/adr/', '/examples/', '/scripts/', '/.ci/', '/CONTRIBUTING.md',
  // Only the bundles of these rooms are shipped.
  '/lib/account/', '/lib/cli/', '/lib/copy/', '/lib/ecr/', '/lib/emulator/', '/lib/handlers/', '/lib/page/', '/lib/registry/', '/lib/rehearsal/', '/page/', '/docs/gallery/',
  // What commands leave behind in a clone.
  '/.demo/', '/.fuzz/', 'cdk.out/',
]) {
  project.addPackageIgnore(pattern);
}

// Handlers and the command line are bundled from source, for the package and for the repository itself.
const bundle = project.addTask('bundle', {
  description: 'Bundle the Lambda handler and the command line into assets/',
  exec: 'node scripts/bundle.js',
});
project.preCompileTask.spawn(bundle);
const supply = project.addTask('supply', {
  description: 'Write what ships beside the bundles: THIRD-PARTY-NOTICES, the bill of materials (sbom.cdx.json) and checksums',
  steps: [{ exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/supply/write.ts' }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
project.preCompileTask.spawn(supply);
project.addTask('verify:bundles', {
  description: 'Bundle twice, in two directories of different names, and compare every byte',
  steps: [{ spawn: 'bundle' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/verify-bundles.ts' }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
project.setScript('prepare', 'node scripts/bundle.js');

// Examples in docstrings and README compile, and ship translated into every language.
project.postCompileTask.prependExec('jsii-rosetta extract --strict');

project.addTask('typecheck', {
  description: 'Type-check everything, tests, examples and the page included',
  steps: [{ exec: 'tsc -p tsconfig.dev.json --noEmit' }, { exec: 'tsc -p page/tsconfig.json' }],
});
project.addTask('test:browser', {
  description: 'The page of a plan in a real Chromium, where there is one (CHROME_PATH names it)',
  steps: [{ spawn: 'bundle' }, { exec: 'jest -i test/page/browser', receiveArgs: true }],
});
project.addTask('test:model', {
  description: 'Random deployments against a model, with failures, rollbacks, faults and actions of others: npm run test:model -- --runs 10000 --seed 1',
  steps: [
    { exec: 'esbuild test/model/main.ts --bundle --platform=node --target=node20 --external:aws-cdk-lib --log-level=error --outfile=node_modules/.cache/drydock/model.js' },
    { exec: 'node node_modules/.cache/drydock/model.js', receiveArgs: true },
  ],
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
});
project.addTask('gallery', {
  description: 'Write docs/gallery: the same plans in every form, with pictures where there is a Chromium',
  steps: [{ spawn: 'bundle' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/gallery.ts' }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
project.addTask('test:fuzz', {
  description: 'Try broken and hostile inputs on everything that reads: npm run test:fuzz -- --seconds 120 [--seed S] [--target NAME] [--input FILE]',
  exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register test/fuzz/run.ts',
  receiveArgs: true,
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
project.addTask('test:iam', {
  description: 'For each construct the permissions that it is granted and those that it uses: npm run test:iam -- ImageCopy',
  steps: [{ spawn: 'bundle' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/iam.ts', receiveArgs: true }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json', CDK_VALIDATION: 'false' },
});
project.addTask('test:docs', {
  description: 'Try what the documents show: commands in scratch folders, code, apps, data (-- --all for those that take minutes, too)',
  steps: [{ spawn: 'bundle' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register test/docs/run.ts', receiveArgs: true }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
const testTask = project.testTask;
testTask.prependSpawn(bundle);

project.addTask('test:cdk-deploy', {
  description: 'The real CDK CLI on a laptop: bootstrap, deploy, update, failing update with rollback, destroy',
  steps: [{ spawn: 'bundle' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/cdk-deploy.ts', receiveArgs: true }, { exec: 'jest -i test/cdk-deploy' }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
project.addTask('demo', {
  description: 'A rehearsed deployment: a careless lifecycle policy is stopped, the corrected one passes, the preview comes true',
  steps: [{ spawn: 'bundle' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/demo.ts', receiveArgs: true }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
project.addTask('example', {
  description: 'Synthesize the variants of an example into .demo/: npm run example -- retention',
  steps: [{ spawn: 'bundle' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/example.ts', receiveArgs: true }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
project.addTask('docs:errors', {
  description: 'Write docs/errors.md from the codes and from mistakes that are made for it',
  steps: [{ spawn: 'bundle' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/errors-doc.ts' }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
project.addTask('test:trust', {
  description: 'The fifteen classic failures of custom resources, each with its protection and test; -- --mutate takes each protection out and sees its test fail',
  steps: [{ spawn: 'bundle' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/trust.ts', receiveArgs: true }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
project.addTask('test:load', {
  description: 'Many deployments at the same time onto the policy of one repository: none may lose a statement (-- --deployments 200 --faults docs/faults/racing-writers.json)',
  steps: [{ spawn: 'bundle' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/load.ts', receiveArgs: true }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
});
const languageTask = (name: string, script: string, description: string) => project.addTask(name, {
  description,
  steps: [{ spawn: 'bundle' }, { exec: `node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/${script}.ts`, receiveArgs: true }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
const packageAll = languageTask('package:all', 'package-all', 'Build a package for every language below dist/, and check what is in them: npm run package:all -- --only python,go');
// projen's own name for it, which a build outside CI runs.
project.tasks.tryFind('package-all')?.reset();
project.tasks.tryFind('package-all')?.spawn(packageAll);
languageTask('test:languages', 'test-languages', 'Install each package into a fresh project of its language, run the example, compare the templates');
project.addTask('test:consumer', {
  description: 'A project elsewhere installs the tarball, synthesizes the ten lines of the README and rehearses them; every step timed',
  steps: [{ spawn: 'pre-compile' }, { spawn: 'compile' }, { exec: 'node -r ts-node/register/transpile-only -r tsconfig-paths/register scripts/test-consumer.ts', receiveArgs: true }],
  env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
});
for (const name of ['evaluate', 'template', 'handler', 'emulator', 'preview', 'copy']) {
  project.addTask(`bench:${name}`, {
    description: `Print the figures of bench/${name}`,
    exec: `node -r ts-node/register/transpile-only -r tsconfig-paths/register bench/${name}.ts`,
    receiveArgs: true,
    env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
  });
}

// The SDK notes the end of life of Node 20 on every start; aws-cdk-lib validates templates again at synth, which our tests do themselves.
for (const [key, value] of Object.entries({
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20',
  CDK_VALIDATION: 'false',
})) {
  project.tasks.addEnvironment(key, value);
}

// The publisher's default registry is the right one; no host is named here.
const release = project.tryFindObjectFile('.github/workflows/release.yml');
release?.addDeletionOverride('jobs.release_npm.steps.9.env.NPM_REGISTRY');

addSupplyChain(project);

project.synth();
