import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { retention } from '../../examples/typescript/retention/app';
import { STORY_NOW } from '../../scripts/generate-inventories';
import { Account } from '../../src/account';
import { readInventoryFile } from '../../src/cli/input';
import { startEmulator } from '../../src/emulator';

export interface StoryStep {
  readonly name: string;
  readonly exitCode: number | null;
  readonly output: string;
  /** Repositories with their images and policies, after the step. */
  readonly registry: readonly string[];
}

const ROOT = join(__dirname, '..', '..');

/** Bootstrap, deployment, update, failing update, correction and destruction, by the CDK CLI as it is published; nothing but the loopback is reached. */
export async function cdkDeployStory(tell: (step: StoryStep) => void = () => undefined): Promise<StoryStep[]> {
  const work = mkdtempSync(join(tmpdir(), 'drydock-cdk-deploy-'));
  const account = new Account();
  const emulator = await startEmulator({
    seed: readInventoryFile(join(ROOT, 'examples/retention/inventory.json')), now: STORY_NOW, allowMissingLayers: true, doors: [account],
  });
  const steps: StoryStep[] = [];
  const cdk = async (name: string, ...args: string[]) => {
    const { exitCode, output } = await run(args, work, emulator.endpoint);
    const { repositories = [], imageDetails } = emulator.inventory();
    const registry = repositories.map(({ repositoryName, lifecyclePolicyText, repositoryPolicyText }) =>
      `${repositoryName}: ${imageDetails.filter((image) => image.repositoryName === repositoryName).length} images, lifecycle policy ${lifecyclePolicyText ?? 'none'}, `
      + `repository policy ${repositoryPolicyText === undefined ? 'none' : 'present'}`);
    const step = { name, exitCode, output, registry };
    steps.push(step);
    tell(step);
  };
  try {
    await account.open(emulator);
    mkdirSync(join(work, 'home'));
    const [corrected, careless] = ['corrected', 'careless'].map((variant) => {
      retention(variant, join(work, variant)).synth();
      return join(work, variant);
    });
    const deploy = ['deploy', '--require-approval', 'never', '--app'];
    await cdk('bootstrap', 'bootstrap', 'aws://123456789012/us-east-1');
    await cdk('deploy', ...deploy, corrected);
    await cdk('diff', 'diff', '--app', careless);
    await cdk('update', ...deploy, corrected, '--tags', 'team=shop');
    await cdk('failing update', ...deploy, careless, '--tags', 'team=shop');
    await cdk('correction', ...deploy, corrected, '--method', 'direct', '--tags', 'team=platform');
    await cdk('nothing to do', ...deploy, corrected, '--tags', 'team=platform');
    await cdk('destroy', 'destroy', '--force', '--app', corrected);
  } finally {
    await emulator.stop();
    await account.close();
    rmSync(work, { recursive: true, force: true });
  }
  return steps;
}

function run(args: readonly string[], work: string, endpoint: string): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/aws-cdk/bin/cdk'), ...args, '--no-notices', '--progress', 'events'], {
      cwd: work,
      timeout: 120_000,
      env: {
        PATH: process.env.PATH,
        HOME: join(work, 'home'),
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'laptop',
        AWS_SECRET_ACCESS_KEY: 'laptop',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: devNull,
        AWS_SHARED_CREDENTIALS_FILE: devNull,
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        CI: 'true',
        NO_COLOR: '1',
      },
    });
    let output = '';
    child.stdout.on('data', (chunk) => { output += chunk; });
    child.stderr.on('data', (chunk) => { output += chunk; });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output }));
  });
}
