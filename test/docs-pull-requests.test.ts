import { spawn } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { bareEnvironment } from './cli/processes';
import { bin, root, workspace } from './cli/support';
import { CloudFormationStub, resourcesOf } from './review/cloudformation-stub';
import { access } from '../examples/access/app';
import { Emulator, startEmulator } from '../src/emulator';
import { readInventory } from '../src/lifecycle/inventory';

// Comes with projen; the workflow is read as GitHub reads it.
const { parse } = require('yaml') as { parse(text: string): any }; // eslint-disable-line @typescript-eslint/no-require-imports, import/no-extraneous-dependencies

const document = readFileSync(join(root, 'docs', 'pull-requests.md'), 'utf8');
const blocks = (language: string) => [...document.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, text]) => text);
const [workflow] = blocks('yaml').map((text) => parse(text));
const job = workflow.jobs.review;
const step = (name: string) => job.steps.find((one: any) => one.name === name);

describe('the workflow', () => {
  test('is one document that GitHub can read, and each step runs or uses something', () => {
    expect(blocks('yaml')).toHaveLength(1);
    expect(Object.keys(workflow)).toEqual(['name', 'on', 'permissions', 'concurrency', 'jobs']);
    expect(job.steps.every((one: any) => (one.uses === undefined) !== (one.run === undefined))).toBe(true);
  });

  test('has no permission that no step needs', () => {
    expect(workflow.permissions).toEqual({});
    expect(job.permissions).toEqual({ 'contents': 'read', 'id-token': 'write', 'pull-requests': 'write', 'security-events': 'write' });
  });

  test('puts nothing of the pull request into a script', () => {
    expect(job.steps.filter((one: any) => /\$\{\{/.test(one.run ?? ''))).toEqual([]);
  });
});

describe('the role', () => {
  const [trust, permissions] = blocks('json').map((text) => JSON.parse(text));

  test('is for pull requests of one repository', () => {
    expect(Object.keys(trust.Statement[0].Condition.StringEquals)).toEqual(['token.actions.githubusercontent.com:aud', 'token.actions.githubusercontent.com:sub']);
  });

  test('only reads', () => {
    const actions: string[] = permissions.Statement.flatMap(({ Action }: any) => Action);
    expect(actions.filter((action) => !/^(?:ecr|cloudformation):(?:Describe|Get|List)[A-Z]/.test(action))).toEqual(['ecr:StartLifecyclePolicyPreview']);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });
});

describe('the steps, run as GitHub runs them', () => {
  const { path, file, remove } = workspace();
  let emulator: Emulator;
  let cloudFormation: CloudFormationStub;
  let environment: Record<string, string>;

  beforeAll(async () => {
    access('proposed', path('cdk.out')).synth();
    access('deployed', path('deployed')).synth();
    emulator = await startEmulator({ seed: readInventory(JSON.parse(readFileSync(join(root, 'examples', 'access', 'inventory.json'), 'utf8'))), now: '2026-01-31T12:00:00Z' });
    cloudFormation = new CloudFormationStub();
    const template = JSON.parse(readFileSync(path('deployed/Shop.template.json'), 'utf8'));
    cloudFormation.stacks = { Shop: { template, resources: resourcesOf(template, { Reports65402A0A: 'shop/reports' }) } };
    // `npx drydock` is this checkout's; `gh` keeps comments in a folder, as GitHub does.
    executable('npx', `#!/bin/sh\nshift\nexec ${process.execPath} ${bin} "$@"\n`);
    executable('gh', GH);
    environment = {
      AWS_ENDPOINT_URL_ECR: emulator.endpoint, AWS_ENDPOINT_URL_STS: emulator.endpoint, AWS_ENDPOINT_URL_CLOUDFORMATION: await cloudFormation.start(),
      AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x',
      PATH: `${path('.')}${delimiter}${process.env.PATH}`, GITHUB_OUTPUT: path('output'), GITHUB_STEP_SUMMARY: path('summary'), GITHUB_REPOSITORY: 'shop/app', COMMENTS: path('comments'),
    };
  });
  beforeEach(() => file('output', ''));
  afterAll(async () => {
    await emulator.stop();
    await cloudFormation.stop();
    remove();
  });

  function executable(name: string, text: string): void {
    chmodSync(file(name, text), 0o755);
  }

  /** With the shell and the flags that a runner uses. */
  async function run(name: string, more: Record<string, string> = {}): Promise<{ status: number | null; output: string }> {
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step(name).run], { cwd: path('.'), env: bareEnvironment({ ...environment, ...more }) });
    let output = '';
    [child.stdout, child.stderr].forEach((stream) => stream.on('data', (chunk) => { output += chunk; }));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, output }));
    });
  }

  test('review, report, comment once and then edit, and end with the exit code of the review', async () => {
    expect(await run('Review')).toEqual({ status: 0, output: '' });
    expect(readFileSync(path('output'), 'utf8')).toBe('code=2\n');
    const plan = JSON.parse(readFileSync(path('plan.json'), 'utf8'));
    expect(plan).toMatchObject({ kind: 'review', outcome: 'blocked' });
    // The role's permissions suffice: no other call was made.
    const allowed: string[] = JSON.parse(blocks('json')[1]).Statement.flatMap(({ Action }: any) => Action);
    expect(Object.keys(plan.against.calls).length).toBeGreaterThan(5);
    expect(Object.keys(plan.against.calls).map((call) => call.includes(':') ? call : `ecr:${call}`).filter((call) => !allowed.includes(call))).toEqual([]);

    const reports = await run('Reports');
    expect(reports).toMatchObject({ status: 0, output: expect.stringContaining('shop/reports') });
    expect(JSON.parse(readFileSync(path('drydock.sarif'), 'utf8')).version).toBe('2.1.0');
    expect(readFileSync(path('drydock.html'), 'utf8')).toContain('<html');
    expect(readFileSync(path('summary'), 'utf8')).toContain('DD-REVIEW-201');

    expect(await run('Comment', { PULL_REQUEST: '7' })).toEqual({ status: 0, output: '' });
    expect(readFileSync(path('comments'), 'utf8')).toMatch(/^101 <!-- drydock:review -->/);
    cpSync(path('comment.md'), path('first.md'));
    writeFileSync(path('comment.md'), `${readFileSync(path('first.md'), 'utf8')}edited\n`);
    expect(await run('Comment', { PULL_REQUEST: '7' })).toEqual({ status: 0, output: '' });
    // Still one comment, with the new text.
    expect(readFileSync(path('comments'), 'utf8').match(/^10\d /gm)).toEqual(['101 ']);
    expect(readFileSync(path('comments'), 'utf8')).toContain('edited');

    expect((await run('Outcome', { CODE: '2' })).status).toBe(2);
    expect((await run('Outcome', { CODE: '0' })).status).toBe(0);
  });

  test('a command that fails stops before it says that all is well', async () => {
    expect((await run('Review', { AWS_ENDPOINT_URL_CLOUDFORMATION: 'http://127.0.0.1:9', AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:9' })).status).toBe(0);
    expect(readFileSync(path('output'), 'utf8')).toMatch(/code=1\n$/);
  });

  test('every drydock command of the scripts is one that ran here', () => {
    const scripts = job.steps.filter((one: any) => /drydock/.test(one.run ?? '')).map((one: any) => one.name);
    expect(scripts).toEqual(['Review', 'Reports', 'Comment']);
  });
});

/** As much of `gh api` as the workflow uses: comments are lines `id body` in a file. */
const GH = `#!/bin/bash
set -eu
method=GET; body=
args=("$@")
for ((i = 0; i < $#; i++)); do
  case "\${args[i]}" in
    --method) method="\${args[i+1]}" ;;
    --field) body="$(cat "\${args[i+1]#body=@}")" ;;
  esac
done
touch "$COMMENTS"
case "$method" in
  GET) grep -o '^10[0-9] <!-- drydock:review -->' "$COMMENTS" | cut -d ' ' -f 1 || true ;;
  POST) printf '101 %s\\n' "$body" >> "$COMMENTS"; echo '{"id": 101}' ;;
  PATCH) printf '101 %s\\n' "$body" > "$COMMENTS"; echo '{"id": 101}' ;;
esac
`;
