import { randomBytes } from 'node:crypto';
import { Caller } from './caller';
import { EmulatorClock } from './clock';
import { Journal } from './journal';
import { LifecycleRun, LifecycleRunner } from './lifecycle-run';
import { Context } from './operations/context';
import { Settings } from './options';
import { Previews } from './preview';
import { Change, ClockRecord } from './registry/records';
import { Registry, RegistryIdentity, snapshot } from './registry/registry';
import { accountOf, seedChanges } from './seed';
import { Tokens } from './tokens';

const DEFAULT_ACCOUNT = '123456789012';
const DEFAULT_REGION = 'us-east-1';

/** Registry, clock, lifecycle policies and journal as one: everything of the emulator but the network. */
export class Core {
  public readonly clock: EmulatorClock;
  public readonly registry: Registry;
  public readonly lifecycle: LifecycleRunner;
  private readonly previews: Previews;
  private readonly tokens: Tokens;
  private readonly journal: Journal | undefined;
  private incomplete = false;

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
      this.previews = new Previews(this.registry, settings);
      this.lifecycle = new LifecycleRunner(this.registry, (run) => this.logRun(run));
      this.journal?.replay(loaded?.changes ?? [], this.registry);
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
    this.lifecycle.settle(this.clock.now());
    this.write();
  }

  /** Runs the lifecycle policies of one repository, or of all, whenever they would be due. */
  public runLifecyclePolicies(repositoryName?: string): readonly LifecycleRun[] {
    const now = this.clock.now();
    this.lifecycle.settle(now);
    const runs = this.registry.repositories()
      .filter(({ record }) => repositoryName === undefined || record.repositoryName === repositoryName)
      .flatMap((repository) => this.lifecycle.runNow(repository, now) ?? []);
    this.write();
    return runs;
  }

  /** What an operation works with, now. */
  public context(caller: Caller): Context {
    const now = this.clock.now();
    this.lifecycle.settle(now);
    return { registry: this.registry, settings: this.settings, tokens: this.tokens, previews: this.previews, caller, now };
  }

  /** Puts the latest changes on disk. */
  public write(): void {
    const changes = this.registry.takePending();
    if (!this.journal) {
      return;
    }
    if (this.incomplete || this.journal.wantsRewrite) {
      this.journal.rewrite(this.snapshot());
      this.incomplete = false;
      return;
    }
    try {
      this.journal.append(changes);
    } catch (error) {
      // The changes are in memory but not on disk, where later ones would not make sense without them.
      this.incomplete = true;
      throw error;
    }
  }

  public close(): void {
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
