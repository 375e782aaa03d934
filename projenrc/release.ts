import { awscdk, github } from 'projen';
import { JobPermission, JobStep } from 'projen/lib/github/workflows-model';

/** What the release and its checks are, for .projenrc.ts: see docs/versions.md and SECURITY.md. */
const TS = 'node -r ts-node/register/transpile-only -r tsconfig-paths/register';

/** Options of the project: who may do what, and with which tools of whom. */
export const RELEASE_OPTIONS = {
  // No token is kept anywhere: npm trusts this workflow of this repository, and says so in the provenance of each version.
  npmTrustedPublishing: true,
  npmProvenance: true,
  // The publisher sees the way to npm, so its version is chosen, not "latest".
  jsiiReleaseVersion: '0.2.1061',
  // A pull request is built with the right to read; what it should have generated is told, not pushed.
  buildWorkflowOptions: { mutableBuild: false },
};

export function addSupplyChain(project: awscdk.AwsCdkConstructLibrary): void {
  const task = (name: string, description: string, script: string) => project.addTask(name, {
    description,
    steps: [{ exec: `${TS} ${script}`, receiveArgs: true }],
    env: { TS_NODE_PROJECT: 'tsconfig.dev.json' },
  });
  const api = task('check:api', 'Compare the API with that of the last release: what breaks has to be announced', 'scripts/check-api.ts');
  const verify = task('verify:package', 'Look into the npm tarball, build it again elsewhere and compare, install it without network', 'scripts/verify-package.ts');
  const audit = task('check:audit', 'Ask the registry for known holes in dependencies; accepted ones are listed with a reason and an end', 'scripts/check-audit.ts');
  task('test:compat', 'All tests with the lowest supported and the newest aws-cdk-lib, on Node 20 and a newer one', 'scripts/test-compat.ts');

  const steps: JobStep[] = [
    { name: 'The bundles come from the sources', run: 'npx projen verify:bundles' },
    { name: 'The package holds what belongs into it', run: `npx projen ${verify.name}` },
    { name: 'Nothing breaks unannounced', run: `npx projen ${api.name}` },
    { name: 'No known holes', run: `npx projen ${audit.name}` },
  ];
  project.release?.publisher.addGitHubPostPublishingSteps({
    name: 'Attach bill of materials, notices and checksums',
    if: '${{ !inputs.dry_run }}',
    env: { GITHUB_TOKEN: '${{ secrets.GITHUB_TOKEN }}' },
    run: [
      'mkdir attached && tar -xzf dist/js/*.tgz -C attached --strip-components=1 package/sbom.cdx.json package/THIRD-PARTY-NOTICES package/assets/SHA256SUMS',
      '(cd dist && sha256sum js/*.tgz) > attached/PACKAGES-SHA256SUMS',
      'gh release upload "$(cat dist/releasetag.txt)" -R "$GITHUB_REPOSITORY" --clobber attached/sbom.cdx.json attached/THIRD-PARTY-NOTICES attached/assets/SHA256SUMS attached/PACKAGES-SHA256SUMS',
    ].join('\n'),
  });
  hardenRelease(project, steps);
  addCompatWorkflow(project.github!);
  addLanguagesWorkflow(project.github!);
}

/** What projen has no options for. */
function hardenRelease(project: awscdk.AwsCdkConstructLibrary, checks: readonly JobStep[]): void {
  const workflow = (name: string) => project.tryFindObjectFile(`.github/workflows/${name}.yml`)!;
  // Tags are made by the job that publishes; those that run a build only read.
  workflow('release').addOverride('jobs.release.permissions', { contents: 'read' });
  workflow('build').addOverride('jobs.build.permissions', { contents: 'read' });
  // Install scripts of dependencies are run nowhere, least of all where npm trusts the job.
  workflow('release').addOverride('jobs.release.steps.3.run', 'npm ci --ignore-scripts');
  workflow('release').addOverride('jobs.release_npm.steps.4.run', 'cd .repo && npm ci --ignore-scripts');
  workflow('build').addOverride('jobs.build.steps.2.run', 'npm ci --ignore-scripts');
  workflow('build').addOverride('jobs.package-js.steps.4.run', 'cd .repo && npm ci --ignore-scripts');
  for (const [registry, language] of [['maven', 'java'], ['pypi', 'python'], ['nuget', 'dotnet'], ['golang', 'go']]) {
    workflow('release').addOverride(`jobs.release_${registry}.steps.5.run`, 'cd .repo && npm ci --ignore-scripts');
    workflow('build').addOverride(`jobs.package-${language}.steps.5.run`, 'cd .repo && npm ci --ignore-scripts');
  }
  // The checks come before the version is set, on what a checkout gives.
  workflow('release').addOverride('jobs.release.steps.4.run', ['npx projen pre-compile', 'npx projen compile', ...checks.map(({ run }) => run), 'npx projen release'].join('\n'));
}

function addCompatWorkflow(hub: github.GitHub): void {
  const workflow = new github.GithubWorkflow(hub, 'compat');
  workflow.on({ schedule: [{ cron: '17 4 * * 1' }], workflowDispatch: {}, pullRequest: {} });
  workflow.addJob('compat', {
    name: 'Node ${{ matrix.node }}, ${{ matrix.leg }}',
    runsOn: ['ubuntu-latest'],
    permissions: { contents: JobPermission.READ },
    env: { CI: 'true' },
    strategy: { failFast: false, matrix: { domain: { node: ['20', '22', '24'], leg: ['lowest-cdk', 'newest-cdk'] } } },
    steps: [
      { uses: hub.actions.get('actions/checkout@v7.0.1'), with: { 'persist-credentials': false } },
      { uses: hub.actions.get('actions/setup-node@v7.0.0'), with: { 'node-version': '${{ matrix.node }}' } },
      { run: 'npm ci --ignore-scripts' },
      { run: 'npm run test:compat -- --leg ${{ matrix.leg }}' },
    ],
  });
}

/** A job for each language: what it installs is what its users install. C# is compiled when its package is built; its example is not run yet. */
function addLanguagesWorkflow(hub: github.GitHub): void {
  const workflow = new github.GithubWorkflow(hub, 'languages');
  workflow.on({ schedule: [{ cron: '47 4 * * 1' }], workflowDispatch: {}, pullRequest: {} });
  const job = (name: string, language: string, setUp: JobStep[], run: string[]) => workflow.addJob(name, {
    name: language,
    runsOn: ['ubuntu-latest'],
    permissions: { contents: JobPermission.READ },
    env: { CI: 'true' },
    steps: [
      { uses: hub.actions.get('actions/checkout@v7.0.1'), with: { 'persist-credentials': false } },
      { uses: hub.actions.get('actions/setup-node@v7.0.0'), with: { 'node-version': '22' } },
      ...setUp,
      { run: 'npm ci --ignore-scripts' },
      ...run.map((command) => ({ run: command })),
    ],
  });
  const example = (name: string) => `npm run test:languages -- --build --only ${name}`;
  job('typescript', 'TypeScript', [], [example('typescript'), 'npm run test:consumer']);
  job('python', 'Python', [{ uses: hub.actions.get('actions/setup-python@v7.0.0'), with: { 'python-version': '3.x' } }], [example('python')]);
  job('java', 'Java', [{ uses: hub.actions.get('actions/setup-java@v6.0.0'), with: { 'distribution': 'corretto', 'java-version': '17' } }], [example('java')]);
  job('go', 'Go', [{ uses: hub.actions.get('actions/setup-go@v7.0.0'), with: { 'go-version': '^1.25.0', 'cache': false } }], [example('go')]);
  job('csharp', 'C#', [{ uses: hub.actions.get('actions/setup-dotnet@v6.0.0'), with: { 'dotnet-version': '8.x' } }], ['npm run package:all -- --only csharp']);
}
