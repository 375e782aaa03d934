import { Action, digestOf } from './actor';
import { App, BASE, Edits, lifecycleDocument, OLD, statementOf } from './app';
import { Trouble } from './chaos';
import type { Inventory } from '../../src/lifecycle/model';

/** What the registry holds before the first deployment. */
export interface Start {
  /** How many images the repositories of others have, each with a tag of its own. */
  readonly images: number;
  /** The lifecycle policy and the settings of the one that may be adopted. */
  readonly oldKeeps?: number;
  readonly oldImmutable: boolean;
  readonly oldTags: Readonly<Record<string, string>>;
}

export type Step =
  | {
    readonly kind: 'deploy';
    readonly edits: Edits;
    /** An update of every resource that changes nothing. */
    readonly touch: boolean;
    /** A resource that CloudFormation takes for failed. */
    readonly failAt?: { readonly slot: string; readonly when: 'before' | 'after' };
    readonly troubles: readonly Trouble[];
    readonly twice: boolean;
    readonly impatient: boolean;
  }
  | { readonly kind: 'destroy'; readonly troubles: readonly Trouble[]; readonly twice: boolean }
  | { readonly kind: 'actor'; readonly action: Action }
  /** A day passes: lifecycle policies run. */
  | { readonly kind: 'expire' };

export interface Sequence {
  readonly start: Start;
  readonly app: App;
  readonly steps: readonly Step[];
}

export function inventoryOf({ images, oldKeeps, oldImmutable, oldTags }: Start): Inventory {
  const pushed = (index: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + index * 3_600_000).toISOString();
  return {
    repositories: [
      { repositoryName: BASE, repositoryPolicyText: JSON.stringify({ Version: '2012-10-17', Statement: [statementOf('Base', '999999999999')] }) },
      {
        repositoryName: OLD,
        imageTagMutability: oldImmutable ? 'IMMUTABLE' : 'MUTABLE',
        tags: Object.entries(oldTags).map(([Key, Value]) => ({ Key, Value })),
        ...oldKeeps === undefined ? {} : { lifecyclePolicyText: JSON.stringify(lifecycleDocument(oldKeeps)) },
      },
    ],
    imageDetails: [BASE, OLD].flatMap((repositoryName) => Array.from({ length: images }, (_, index) => ({
      repositoryName, imageDigest: digestOf(index), imageTags: [`v${index}`], imagePushedAt: pushed(index), imageSizeInBytes: 100,
    }))),
  };
}
