import { Command } from 'commander';
import { cliError } from './codes';
import { readCount, readFaultsFile, readInventoryFile, readJson, readTime } from './input';
import { out } from './output';
import { Account } from '../account';
import { startEmulator } from '../emulator';
import type { DirectorySource } from '../iam/directory';

interface EmulatorCommandOptions {
  readonly port: string;
  readonly seed?: string;
  readonly data?: string;
  readonly iam?: string;
  readonly now?: string;
  readonly latency: string;
  readonly preview: string;
  readonly account?: string;
  readonly region?: string;
  readonly allowMissingLayers?: boolean;
  readonly faults?: string;
  readonly log?: boolean;
  readonly cloudformation?: boolean;
  readonly upstream?: string;
}

export function emulatorCommand(): Command {
  return new Command('emulator')
    .description('Run the embedded ECR on 127.0.0.1, for the SDKs, the AWS CLI, Terraform, skopeo and other registry clients')
    .option('--port <number>', 'port (0: any free one)', '0')
    .option('--seed <file>', 'inventory to begin with')
    .option('--data <directory>', 'directory in which the registry and its layers outlive the process')
    .option('--iam <file>', 'users and roles with their policies: what these do not allow is refused')
    .option('--now <time>', 'stop the registry\'s clock at this time, ISO 8601 (default: real time)')
    .option('--latency <ms>', 'how long every call takes, in milliseconds', '0')
    .option('--preview <ms>', 'how long a lifecycle policy preview stays IN_PROGRESS, in milliseconds', '0')
    .option('--account <id>', 'account of the registry (default: that of the seed, or 123456789012)')
    .option('--region <name>', 'region of the registry (default: us-east-1)')
    .option('--allow-missing-layers', 'accept manifests whose layers were never uploaded')
    .option('--faults <file>', 'script of faults: which calls are throttled, lost, slow, stale and so on')
    .option('--cloudformation', 'answer for CloudFormation too, and for what else `cdk deploy` calls: S3, SSM, STS')
    .option('--upstream <url>', 'with --cloudformation: a server on this machine that has all other services, such as moto_server')
    .option('--log', 'write a JSON line for every call to standard error')
    .addHelpText('after', '\nPrints one JSON line with the endpoint when it is ready; stops on SIGINT or SIGTERM.\n\nExample:\n  $ drydock emulator --port 4510 --seed inventory.json'
      + '\n  $ AWS_ENDPOINT_URL=http://127.0.0.1:4510 aws ecr describe-repositories'
      + '\n  $ curl -X POST http://127.0.0.1:4510/_drydock/clock -d \'{"advanceSeconds": 90000}\'')
    .action((options: EmulatorCommandOptions) => emulate(options));
}

async function emulate(options: EmulatorCommandOptions): Promise<void> {
  const log = options.log ? (record: object) => process.stderr.write(`${JSON.stringify(record)}\n`) : undefined;
  if (options.upstream !== undefined && !options.cloudformation) {
    throw cliError('DD-CLI-007', '--upstream', 'Only with --cloudformation are there requests that could be passed on.', 'Add --cloudformation, or leave --upstream out.');
  }
  const account = options.cloudformation ? new Account({ data: options.data, upstream: options.upstream, log }) : undefined;
  const emulator = await startEmulator({
    port: readCount(options.port, '--port', 65_535),
    seed: options.seed === undefined ? undefined : readInventoryFile(options.seed),
    data: options.data,
    iam: options.iam === undefined ? undefined : readJson(options.iam) as DirectorySource,
    now: options.now === undefined ? undefined : new Date(readTime(options.now, '--now')),
    latencyMs: readCount(options.latency, '--latency', 600_000),
    previewMs: readCount(options.preview, '--preview', 86_400_000),
    accountId: options.account,
    region: options.region,
    allowMissingLayers: options.allowMissingLayers,
    faults: options.faults === undefined ? undefined : readFaultsFile(options.faults),
    log,
    ...account && { doors: [account] },
  });
  await account?.open(emulator);
  out(JSON.stringify({
    endpoint: emulator.endpoint, accountId: emulator.accountId, region: emulator.region, now: new Date(emulator.clock.now()).toISOString(),
  }));
  const stop = () => void emulator.stop().then(() => account?.close()).then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}
