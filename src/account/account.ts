import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationDoor } from './cloudformation/door';
import { Operations } from './cloudformation/operations';
import { Records, StoredRecords } from './cloudformation/records';
import { Front } from './cloudformation/requests';
import { accountError } from './codes';
import { StackResources } from './resources';
import { S3Door, placeOf } from './s3/door';
import { ObjectStore } from './s3/object-store';
import { serviceOf } from './service';
import { answerSsm, noParameter, refusal } from './ssm';
import { Sts } from './sts';
import { UploadedAssets } from './uploaded-assets';
import { Upstream } from './upstream';
import type { Door, Reply, Request } from '../emulator';
import type { InUseReference } from '../lifecycle/in-use';
import { Machinery } from '../rehearsal/machinery';
import { RehearsalState, Stacks } from '../rehearsal/state';

export interface AccountOptions {
  /** Directory in which stacks and objects outlive the process. @default - they go with it */
  readonly data?: string;
  /** Where requests go that nobody here answers: another server of this machine. @default - they are refused */
  readonly upstream?: string;
  readonly log?: (record: Readonly<Record<string, unknown>> & { readonly event: string }) => void;
  /** What runs, for gates that look for images in use. */
  readonly inUse?: readonly InUseReference[];
  /** Registries that images are copied from, and where this machine has them. */
  readonly registries?: Readonly<Record<string, string>>;
}

/** Where the account is, once the ECR beside it has started. */
export interface AccountPlace {
  readonly endpoint: string;
  readonly accountId: string;
  readonly region: string;
}

interface Stored {
  readonly version: 1;
  readonly stacks: RehearsalState;
  readonly records: StoredRecords;
  readonly buckets: readonly string[];
}

interface Opened {
  readonly place: AccountPlace;
  readonly machinery: Machinery;
  readonly operations: Operations;
  readonly cloudFormation: CloudFormationDoor;
  readonly s3: S3Door;
  readonly sts: Sts;
}

/**
 * What `cdk deploy` needs of an account besides ECR: CloudFormation, and as much of S3, SSM and STS as it calls. Stands at the same address as ECR and
 * takes every request that was signed for another service.
 */
export class Account implements Door {
  private readonly upstream?: Upstream;
  private readonly directory: string;
  private readonly stored: Stored | undefined;
  private readonly buckets: Set<string>;
  private readonly fetched: Record<string, string> = {};
  private opened?: Opened;

  constructor(private readonly options: AccountOptions = {}) {
    this.upstream = options.upstream === undefined ? undefined : new Upstream(options.upstream);
    this.directory = options.data === undefined ? mkdtempSync(join(tmpdir(), 'drydock-account-')) : join(options.data, 'account');
    mkdirSync(this.directory, { recursive: true });
    this.stored = this.read();
    this.buckets = new Set(this.stored?.buckets);
  }

  /** Begins to answer. */
  public async open(place: AccountPlace): Promise<void> {
    const { options, stored } = this;
    const stacks = Stacks.from(stored?.stacks);
    const records = new Records(stored?.records);
    const objects = new ObjectStore(join(this.directory, 'objects'));
    const assets = new UploadedAssets(objects, join(this.directory, 'code'));
    const resources = new StackResources(() => stacks);
    const log = (record: Readonly<Record<string, unknown>> & { readonly event: string }) => options.log?.(record);
    const save = () => this.write({ version: 1, stacks: stacks.toState(), records: records.toStored(), buckets: [...this.buckets] });
    const machinery = await Machinery.start({
      ecrEndpoint: place.endpoint,
      accountId: place.accountId,
      region: place.region,
      registries: options.registries,
      ...options.inUse && { inUse: options.inUse },
      handlerEnv: { AWS_ENDPOINT_URL_S3: place.endpoint, ...this.upstream && { AWS_ENDPOINT_URL: place.endpoint } },
      now: risingClock(),
      onEvent: (event) => {
        records.record(event);
        save();
      },
      onHandlerLog: (record, { stackName, logicalId, requestType, requestId }) => log({ event: 'handler', stackName, logicalId, requestType, requestId, record }),
    }, stacks);
    const settings = {
      machinery, records, assets, save, log,
      place: { account: place.accountId, region: place.region },
      ssmParameters: () => ({ ...this.fetched, ...resources.ssmParameters() }),
    };
    const operations = new Operations(settings);
    const front: Front = {
      ...settings,
      operations,
      readObject: (bucket, key) => assets.text(bucket, key),
      fetchSsmParameters: (names) => this.fetchSsmParameters(names, place),
      now: () => new Date().toISOString(),
    };
    this.opened = {
      place,
      machinery,
      operations,
      cloudFormation: new CloudFormationDoor(front),
      s3: new S3Door(objects, {
        region: place.region,
        has: (bucket) => this.buckets.has(bucket) || resources.hasBucket(bucket),
        create: (bucket) => {
          this.buckets.add(bucket);
          save();
        },
      }),
      sts: new Sts(() => place.accountId, (arn) => resources.hasRole(arn)),
    };
    this.breakOff(stacks);
  }

  public accepts(request: Request): boolean {
    const service = serviceOf(request);
    return service !== undefined && service !== 'ecr';
  }

  public readonly handle = async (request: Request): Promise<Reply | undefined> => {
    const { opened } = this;
    const service = serviceOf(request) ?? '';
    if (opened === undefined) {
      return refusal('ServiceUnavailable', 'The account is not open yet.', 503);
    }
    switch (service) {
      case 'cloudformation': return opened.cloudFormation.handle(request);
      case 'sts': return opened.sts.handle(request);
      case 's3': return this.upstream !== undefined && !this.isOurBucket(request) ? this.upstream.pass(request) : opened.s3.handle(request);
      case 'ssm': return this.ssm(request);
      default: return this.upstream?.pass(request) ?? this.notHere(service, request);
    }
  };

  /** When no operation is under way any more. */
  public async idle(): Promise<void> {
    await this.opened?.operations.idle();
  }

  public async close(): Promise<void> {
    await this.opened?.machinery.stop();
    if (this.options.data === undefined) {
      rmSync(this.directory, { recursive: true, force: true });
    }
  }

  private async ssm(request: Request): Promise<Reply> {
    const body = await request.bytes() ?? Buffer.alloc(0);
    const target = String(request.headers['x-amz-target'] ?? '');
    const { machinery, place } = this.opened!;
    return answerSsm(target, body.toString('utf8'), new StackResources(() => machinery.stacks).ssmParameters(), place)
      ?? await this.upstream?.pass(request, body) ?? noParameter(target);
  }

  private isOurBucket(request: Request): boolean {
    const { bucket } = placeOf(request);
    return this.buckets.has(bucket) || new StackResources(() => this.opened!.machinery.stacks).hasBucket(bucket);
  }

  private notHere(service: string, request: Request): Reply {
    const message = `DD-ACCOUNT-003: there is no ${service} here. Name a server that has it: --upstream http://127.0.0.1:PORT.`;
    this.options.log?.({ event: 'refused', service, method: request.method, path: request.path, target: request.headers['x-amz-target'] });
    return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
      ? { statusCode: 400, headers: { 'content-type': 'text/xml' }, body: `<ErrorResponse><Error><Type>Sender</Type><Code>ServiceNotHad</Code><Message>${message}</Message></Error></ErrorResponse>` }
      : refusal('ServiceNotHad', message);
  }

  /** Parameters that no stack holds, for templates that refer to them. */
  private async fetchSsmParameters(names: readonly string[], { region, endpoint }: AccountPlace): Promise<void> {
    const { upstream } = this;
    const known = new StackResources(() => this.opened!.machinery.stacks).ssmParameters();
    for (const name of upstream === undefined ? [] : names.filter((one) => !Object.hasOwn(known, one))) {
      const date = new Date().toISOString().slice(0, 10).replace(/-/g, '');
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'AmazonSSM.GetParameter',
          'authorization': `AWS4-HMAC-SHA256 Credential=ASIADRYDOCK/${date}/${region}/ssm/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
        },
        body: JSON.stringify({ Name: name }),
      });
      const answer = response.ok ? await response.json() as { Parameter?: { Value?: string } } : {};
      if (answer.Parameter?.Value !== undefined) {
        this.fetched[name] = answer.Parameter.Value;
      }
    }
  }

  private get file(): string {
    return join(this.directory, 'stacks.json');
  }

  private read(): Stored | undefined {
    if (!existsSync(this.file)) {
      return undefined;
    }
    let stored: Stored | undefined;
    try {
      stored = JSON.parse(readFileSync(this.file, 'utf8')) as Stored;
    } catch (cause) {
      throw this.damaged(cause);
    }
    if (stored?.version !== 1) {
      throw this.damaged(undefined);
    }
    return stored;
  }

  private damaged(cause: unknown) {
    return accountError('DD-ACCOUNT-005', this.file, 'This is not the state of stacks that this version has written.', { fix: 'Use another data directory, or remove the file: the stacks are then forgotten.', cause });
  }

  private write(stored: Stored): void {
    if (this.options.data !== undefined) {
      writeFileSync(`${this.file}.new`, JSON.stringify(stored));
      renameSync(`${this.file}.new`, this.file);
    }
  }

  /** Operations that were under way when the process ended will not go on. */
  private breakOff(stacks: Stacks): void {
    const ends: Readonly<Record<string, string>> = { CREATE_IN_PROGRESS: 'ROLLBACK_FAILED', ROLLBACK_IN_PROGRESS: 'ROLLBACK_FAILED', DELETE_IN_PROGRESS: 'DELETE_FAILED' };
    for (const stack of stacks.all().filter(({ status }) => status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS')) {
      stack.status = ends[stack.status] ?? 'UPDATE_ROLLBACK_FAILED';
      stack.reason = 'drydock ended during the operation.';
    }
  }
}

/** No two events at the same millisecond: clients that sort by time would turn them around. */
function risingClock(): () => number {
  let last = 0;
  return () => {
    last = Math.max(Date.now(), last + 1);
    return last;
  };
}
