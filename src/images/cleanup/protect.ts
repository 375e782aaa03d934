import { CleanupInput, CleanupSettings, KeptImage } from './model';
import { matchesPattern } from '../../lifecycle/match';
import type { ImageDetail } from '../../lifecycle/model';
import { DAY, epochMillis } from '../../lifecycle/time';

/** Why an image must not go, for what it is itself. */
export function protectionOf(image: ImageDetail, settings: CleanupSettings, { now, inUse }: CleanupInput): Omit<KeptImage, 'image'> | undefined {
  for (const pattern of settings.protectedTagPatterns) {
    const tag = (image.imageTags ?? []).find((one) => matchesPattern(pattern, one));
    if (tag !== undefined) {
      return { why: 'PROTECTED_TAG', detail: `its tag ${tag} matches ${pattern}` };
    }
  }
  if (settings.protectedDigests.includes(image.imageDigest)) {
    return { why: 'PROTECTED_DIGEST', detail: 'its digest is protected' };
  }
  const users = inUse.get(image.imageDigest);
  if (users !== undefined) {
    return { why: 'IN_USE', detail: `in use by ${users.slice(0, 3).join(', ')}${users.length > 3 ? ` and ${users.length - 3} more` : ''}` };
  }
  const { protectPulledWithinDays: days } = settings;
  if (days !== undefined && days > 0 && image.lastRecordedPullTime !== undefined) {
    const age = (epochMillis(now) - epochMillis(image.lastRecordedPullTime)) / DAY;
    // A time that cannot be read protects, too.
    if (!(age > days)) {
      return { why: 'PULLED_LATELY', detail: `pulled within ${days} ${days === 1 ? 'day' : 'days'}` };
    }
  }
  return undefined;
}
