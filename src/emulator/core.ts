import { randomBytes } from 'node:crypto';
import { Caller } from './caller';
import { EmulatorClock } from './clock';
import { BlobStore } from './content/blob-store';
import { Expiry } from './content/expiry';
import { requireBytes } from './content/required-bytes';
import { Uploads } from './content/uploads';
import { Journal } from './journal';
import { LifecycleRun, LifecycleRunner } from './lifecycle-run';
import { Context } from './operations/context';
import { Settings } from './options';
import { Permissions } from './permissions';
import { Previews } from './preview';
import { Change, ClockRecord } from './registry/records';
import { Registry, RegistryIdentity, snapshot } from './registry/registry';
import { accountOf, seedChanges } from './seed';
import { Tokens } from './tokens';
import { readDirectory } from '../iam/directory';

const DEFAULT_ACCOUNT = '123456789012';
const DEFAULT_REGION = 'us-east-1';

/** Registry, clock, lifecycle policies and journal as one: everything of the emulator but the network. */
export class Core {
  public readonly clock: EmulatorClock;
  public readonly registry: Registry;
  public readonly lifecycle: LifecycleRunner;
  public readonly blobs: BlobStore;
  public readonly uploads: Uploads;
  public readonly tokens: Tokens;
  public readonly permissions: Permissions;
  private readonly expiry: Expiry;
  private readonly previews: Previews;
  private readonly journal: Journal | undefined;
  private incomplete = false;
  private closed = false;

  constructor(private readonly settings: Settings) {
    this.journal = settings.data === undefined ? undefined : new Journal(settings.data);
    try {
      const loaded = this.journal?.load(identityOf(settings));
      const identity: RegistryIdentity = loaded ?? {
        accountId: settings.accountId ?? accountOf(settings.seed) ?? DEFAULT_ACCOUNT,
        region: settings.region ?? DEFAULT_REGION,
      };
      const secret = loaded?.secret ?? randomBytes(32).toString('hex');
      this.registry = new Registry(identity);
      this.tokens = new Tokens(secret);
      this.permissions = new Permissions(this.registry, (authorization) => settings.onAuthorization?.(authorization));
      if (settings.iam !== undefined) {
        this.permissions.use(readDirectory(settings.iam));
      }
      this.previews = new Previews(this.registry, settings);
      this.lifecycle = new LifecycleRunner(this.registry, (run) => this.logRun(run));
      this.blobs = new BlobStore(settings.data);
      this.uploads = new Uploads(this.blobs);
      this.expiry = new Expiry(this.registry);
      this.journal?.replay(loaded?.changes ?? [], this.registry);
      this.registry.takeFreed();
      if (settings.data !== undefined) {
        requireBytes(this.blobs, this.registry);
      }
      this.clock = new EmulatorClock(settings.now ?? lastClock(loaded?.changes));
      if (settings.seed) {
        if (loaded) {
          settings.log?.({ event: 'seed-ignored', message: 'The data directory holds a registry already; it is used as it is.' });
        } else {
          seedChanges(settings.seed, identity, settings, this.clock.now()).forEach((change) => this.registry.commit(change));
          this.registry.takePending();
        }
      }
      this.journal?.open({ ...identity, secret }, this.snapshot());
    } catch (error) {
      this.journal?.close();
      throw error;
    }
    this.clock.onMove(() => {
      this.registry.commit({ kind: 'clock', clock: this.clock.record });
      this.settle();
    });
  }

  /** Brings the registry up to the clock and puts what that changed on disk. */
  public settle(): void {
    this.settleAt(this.clock.now());
    this.write();
  }

  /** Runs the lifecycle policies of one repository, or of all, whenever they would be due. */
  public runLifecyclePolicies(repositoryName?: string): readonly LifecycleRun[] {
    const now = this.clock.now();
    this.settleAt(now);
    const runs = this.registry.repositories()
      .filter(({ record }) => repositoryName === undefined || record.repositoryName === repositoryName)
      .flatMap((repository) => this.lifecycle.runNow(repository, now) ?? []);
    this.write();
    return runs;
  }

  /** What an operation works with, now. */
  public context(caller: Caller, endpoint: string): Context {
    const now = this.clock.now();
    this.settleAt(now);
    const { registry, settings, tokens, previews, blobs, uploads } = this;
    return { registry, settings, tokens, previews, blobs, uploads, caller, principal: this.permissions.principal(caller), endpoint, now };
  }

  /** Puts the latest changes on disk. */
  public write(): void {
    if (this.closed) {
      // A request that was cut off by the end: the directory may be another emulator's by now.
      return;
    }
    const changes = this.registry.takePending();
    if (this.journal) {
      this.writeJournal(this.journal, changes);
    }
    // Only now: a journal must not name what is gone.
    const freed = this.registry.takeFreed();
    freed.blobs.forEach((digest) => this.blobs.removeBlob(digest));
    for (const uploadId of freed.uploads) {
      this.uploads.forget(uploadId);
      this.blobs.removeUpload(uploadId);
    }
  }

  private settleAt(now: number): void {
    this.lifecycle.settle(now);
    this.expiry.settle(now);
  }

  private writeJournal(journal: Journal, changes: readonly Change[]): void {
    if (this.incomplete || journal.wantsRewrite) {
      journal.rewrite(this.snapshot());
      this.incomplete = false;
      return;
    }
    try {
      journal.append(changes);
    } catch (error) {
      // The changes are in memory but not on disk, where later ones would not make sense without them.
      this.incomplete = true;
      throw error;
    }
  }

  public close(): void {
    this.closed = true;
    this.blobs.close();
    this.journal?.close();
  }

  private *snapshot(): Iterable<Change> {
    yield { kind: 'clock', clock: this.clock.record };
    yield* snapshot(this.registry);
  }

  private logRun({ repositoryName, at, actions, failures }: LifecycleRun): void {
    this.settings.log?.({
      event: 'lifecycle-run',
      time: new Date(at).toISOString(),
      repositoryName,
      expired: actions.filter(({ action }) => action === 'EXPIRE').length,
      archived: actions.filter(({ action }) => action === 'TRANSITION').length,
      held: failures.length,
    });
  }
}

const identityOf = ({ accountId, region }: Settings): Partial<RegistryIdentity> => ({ accountId, region });

function lastClock(changes: readonly Change[] = []): ClockRecord | undefined {
  return changes.reduce<ClockRecord | undefined>((clock, change) => (change.kind === 'clock' ? change.clock : clock), undefined);
}
