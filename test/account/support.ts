import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { Account, AccountOptions } from '../../src/account';
import { Emulator, startEmulator } from '../../src/emulator';
import { NOW } from '../emulator/support';

export interface Laptop {
  readonly account: Account;
  readonly emulator: Emulator;
  readonly cloudFormation: CloudFormationClient;
  readonly s3: S3Client;
  close(): Promise<void>;
}

const open: Laptop[] = [];
const folders: string[] = [];

/** An account with the SDK's own clients on it; all of it ends with the test. */
export async function laptop(options: AccountOptions = {}): Promise<Laptop> {
  const account = new Account(options);
  const emulator = await startEmulator({ now: NOW, allowMissingLayers: true, doors: [account] });
  await account.open(emulator);
  const settings = { endpoint: emulator.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'laptop', secretAccessKey: 'laptop' }, maxAttempts: 1 };
  const cloudFormation = new CloudFormationClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const one: Laptop = {
    account, emulator, cloudFormation, s3,
    close: async () => {
      open.splice(open.indexOf(one), 1);
      cloudFormation.destroy();
      s3.destroy();
      await account.idle();
      await emulator.stop();
      await account.close();
    },
  };
  open.push(one);
  return one;
}

export function folder(): string {
  const created = mkdtempSync(join(tmpdir(), 'drydock-account-test-'));
  folders.push(created);
  return created;
}

afterEach(async () => {
  for (const one of [...open]) {
    await one.close();
  }
  folders.splice(0).forEach((one) => rmSync(one, { recursive: true, force: true }));
});

/** A template of repositories, by logical id, and of topics, which are simulated. */
export function templateOf(repositories: Readonly<Record<string, string>>, topics = 0, more: object = {}): string {
  return JSON.stringify({
    Resources: {
      ...Object.fromEntries(Object.entries(repositories).map(([id, RepositoryName]) => [id, { Type: 'AWS::ECR::Repository', Properties: { RepositoryName } }])),
      ...Object.fromEntries(Array.from({ length: topics }, (_, index) => [`Topic${index}`, { Type: 'AWS::SNS::Topic' }])),
    },
    ...more,
  });
}

export async function stackOf({ cloudFormation }: Laptop, StackName: string) {
  return (await cloudFormation.send(new DescribeStacksCommand({ StackName }))).Stacks![0];
}

export async function statusOf(one: Laptop, name: string): Promise<string> {
  await one.account.idle();
  return (await stackOf(one, name)).StackStatus!;
}

/** The states of the stack itself, oldest first. */
export async function statesOf({ cloudFormation }: Laptop, StackName: string): Promise<string[]> {
  const { StackEvents } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents!.filter((event) => event.PhysicalResourceId === event.StackId).map((event) => event.ResourceStatus!).reverse();
}

export const repositoriesOf = ({ emulator }: Laptop): string[] => (emulator.inventory().repositories ?? []).map(({ repositoryName }) => repositoryName).sort();
