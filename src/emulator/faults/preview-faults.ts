import { FaultRule } from './script';
import { readLifecyclePolicy } from '../lifecycle-policy';
import { Context } from '../operations/context';

/** What somebody else wants to see, unless a script says otherwise. */
const FOREIGN_POLICY = JSON.stringify({
  rules: [{
    rulePriority: 1,
    description: 'Somebody else\'s preview',
    selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1 },
    action: { type: 'expire' },
  }],
});

/** Makes of the repository's preview what a rule wants; whether there was one. */
export function spoilPreview(rule: FaultRule, repositoryName: string, { registry, previews, now }: Context): boolean {
  const repository = registry.repository(repositoryName);
  const preview = repository?.preview;
  if (!repository || !preview) {
    return false;
  }
  switch (rule.fault) {
    case 'fails':
      registry.commit({ kind: 'preview', repositoryName, preview: { ...preview, outcome: 'FAILED' } });
      return true;
    case 'expires':
      registry.commit({ kind: 'preview', repositoryName, preview: rule.as === 'NOT_FOUND' ? undefined : { ...preview, outcome: 'EXPIRED' } });
      return true;
    case 'foreign': {
      const text = rule.lifecyclePolicyText ?? FOREIGN_POLICY;
      previews.start(repository, text, readLifecyclePolicy(text), now);
      return true;
    }
    default:
      return false;
  }
}
