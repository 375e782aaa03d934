import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { evaluationInventory } from './inventory';
import { Settings } from './options';
import { evaluate } from '../lifecycle/evaluate';
import { PolicyDocument } from '../lifecycle/model';
import { PreviewRecord, PreviewResult } from './registry/records';
import { Registry } from './registry/registry';
import { Repository, RepositoryView } from './registry/repository';

export type PreviewStatus = 'IN_PROGRESS' | 'COMPLETE' | 'FAILED' | 'EXPIRED';

/** The previews of a registry, one a repository. The result is that of the moment at which a preview starts. */
export class Previews {
  /** When the previews of this process started, in real time; one from an earlier process has long been done. */
  private readonly startedReal = new Map<string, number>();

  constructor(private readonly registry: Registry, private readonly settings: Settings) {}

  public start(repository: Repository, lifecyclePolicyText: string, policy: PolicyDocument, now: number): void {
    const { repositoryName } = repository.record;
    const { previewOutcome = 'COMPLETE' } = this.settings;
    const preview: PreviewRecord = {
      id: randomUUID(),
      lifecyclePolicyText,
      startedAt: now,
      outcome: typeof previewOutcome === 'function' ? previewOutcome({ repositoryName, lifecyclePolicyText }) : previewOutcome,
      results: this.results(repository, policy, now),
    };
    if (repository.preview) {
      this.startedReal.delete(repository.preview.id);
    }
    this.startedReal.set(preview.id, performance.now());
    this.registry.commit({ kind: 'preview', repositoryName, preview });
  }

  public status(preview: PreviewRecord, now: number): PreviewStatus {
    const { previewMs, previewExpiresMs = Infinity } = this.settings;
    const elapsed = now - preview.startedAt;
    const elapsedReal = performance.now() - (this.startedReal.get(preview.id) ?? -Infinity);
    // Whoever polls waits in real time; a test whose clock stands still moves the clock.
    if (Math.max(elapsed, elapsedReal) < previewMs) {
      return 'IN_PROGRESS';
    }
    return preview.outcome === 'COMPLETE' && elapsed >= previewMs + previewExpiresMs ? 'EXPIRED' : preview.outcome;
  }

  private results(repository: RepositoryView, policy: PolicyDocument, now: number): readonly PreviewResult[] {
    const evaluation = evaluate(policy, evaluationInventory(this.registry, repository), new Date(now));
    const marked = this.settings.previewListsHeldImages ? [...evaluation.actions, ...evaluation.blocked] : evaluation.actions;
    return marked.map(({ imageDigest, action, rulePriority }) => {
      const image = repository.images.get(imageDigest)!;
      return {
        imageDigest,
        imageTags: image.imageTags,
        imagePushedAt: image.imagePushedAt,
        action,
        appliedRulePriority: rulePriority,
        storageClass: image.imageStatus === 'ACTIVE' ? 'STANDARD' as const : 'ARCHIVE' as const,
      };
    });
  }
}
