import { ImagePropertyReader } from './image-properties';
import { RepositoryAddress } from '../../ecr/registry';
import { CleanupSelection, CleanupSettings } from '../../images/cleanup/model';
import { isDigest } from '../../images/digest';
import type { InUseSource } from '../../lifecycle/gate';
import { isObject } from '../properties';
import { Run } from '../run';

export interface CleanupWanted {
  readonly address: RepositoryAddress;
  readonly settings: CleanupSettings;
  readonly repositoryUri: string;
  /** Services that are asked what they run. */
  readonly inUse: readonly InUseSource[];
  /** Images that are in use besides. */
  readonly references: readonly string[];
  readonly acknowledged: readonly string[];
  readonly mode: 'dry-run' | 'delete';
  readonly onFailure: 'fail' | 'report';
  /** Whether the manifests of all indexes are read, not only of those that go. */
  readonly readsIndexes: boolean;
}

export function readCleanup(run: Run): CleanupWanted {
  const reader = new CleanupReader(run);
  const address = reader.repository();
  const wanted = {
    address,
    repositoryUri: reader.repositoryUri(address),
    inUse: reader.sources(),
    references: reader.texts('InUseReferences'),
    settings: {
      selections: reader.selections(),
      protectedTagPatterns: reader.texts('ProtectedTagPatterns'),
      protectedDigests: reader.digests('ProtectedDigests', reader.raw('ProtectedDigests')),
      protectPulledWithinDays: reader.number('ProtectPulledWithinDays', reader.raw('ProtectPulledWithinDays')),
      maxImages: reader.number('MaxImages', reader.raw('MaxImages')),
      maxPercent: reader.number('MaxPercent', reader.raw('MaxPercent')),
    },
    acknowledged: reader.texts('Acknowledged'),
    // Whatever is not said, nothing is deleted.
    mode: reader.choice('Mode', ['dry-run', 'delete'], 'dry-run'),
    onFailure: reader.choice('OnFailure', ['fail', 'report'], 'fail'),
    readsIndexes: reader.flag('ReadIndexes', false),
  };
  reader.check('The repository cannot be cleaned up:');
  return wanted;
}

class CleanupReader extends ImagePropertyReader {
  public selections(): CleanupSelection[] {
    const found = this.objects('Selections');
    if (found.length === 0) {
      if (this.problems.every(({ pointer }) => pointer !== 'Selections')) {
        this.missing('Selections', 'Say which images are meant.');
      }
      return [];
    }
    return found.flatMap((selection, index) => {
      const place = `Selections/${index}`;
      const { Kind } = selection;
      const patterns = this.strings(`${place}/TagPatterns`, selection.TagPatterns);
      const digests = this.digests(`${place}/Digests`, selection.Digests);
      if (Kind !== 'untagged' && Kind !== 'tagged' && Kind !== 'digests') {
        this.wrong(`${place}/Kind`, Kind, 'must be one of untagged, tagged, digests');
        return [];
      }
      if (Kind === 'tagged' && patterns.length === 0) {
        this.missing(`${place}/TagPatterns`, 'Give at least one pattern.');
      }
      if (Kind === 'digests' && digests.length === 0) {
        this.missing(`${place}/Digests`, 'Give at least one digest.');
      }
      return [{
        kind: Kind, tagPatterns: patterns, digests,
        olderThanDays: this.number(`${place}/OlderThanDays`, selection.OlderThanDays),
        keepLatest: this.number(`${place}/KeepLatest`, selection.KeepLatest),
      }];
    });
  }

  public sources(): InUseSource[] {
    const sources = this.texts('InUse');
    const wrong = sources.find((source) => source !== 'ecs' && source !== 'lambda');
    if (wrong !== undefined) {
      this.wrong('InUse', wrong, 'must be a list of ecs, lambda or both');
    }
    return sources as InUseSource[];
  }

  public texts(name: string): string[] {
    return this.strings(name, this.raw(name));
  }

  public digests(name: string, value: unknown): string[] {
    const digests = this.strings(name, value);
    const wrong = digests.find((digest) => !isDigest(digest));
    if (wrong !== undefined) {
      this.wrong(name, wrong, 'must be digests: sha256: and 64 lower-case hexadecimal digits');
    }
    return digests;
  }

  public number(name: string, value: unknown): number | undefined {
    if (value === undefined || value === '') {
      return undefined;
    }
    const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !(number >= 0) || !Number.isFinite(number)) {
      this.wrong(name, value, 'must be a number, 0 or more');
      return undefined;
    }
    return number;
  }

  private strings(name: string, value: unknown): string[] {
    if (value === undefined || value === '') {
      return [];
    }
    if (!Array.isArray(value) || !value.every((one): one is string => typeof one === 'string' && one !== '') || isObject(value)) {
      this.wrong(name, value, 'must be a list of texts');
      return [];
    }
    return value;
  }
}
