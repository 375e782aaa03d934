/** What a release may change: see docs/versions.md. */

interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

export type Bump = 'major' | 'minor' | 'patch';

/** The smallest step that may break: before 1.0 a minor version. */
export const breakingBump = (released: string): Bump => (parse(released).major === 0 ? 'minor' : 'major');

/** Whether a version that follows `released` says that something breaks. */
export function saysThatItBreaks(released: string, next: string): boolean {
  const [from, to] = [parse(released), parse(next)];
  return to.major > from.major || (from.major === 0 && to.major === 0 && to.minor > from.minor);
}

/** Whether a commit message says that something breaks, as Conventional Commits has it; the release takes its step from that. */
export function announcesBreakage(message: string): boolean {
  return /^[a-z]+(?:\([^)]*\))?!: /.test(message) || /^BREAKING[ -]CHANGE: /m.test(message);
}

/** Why a change of the API may not be released as it stands; `undefined` when it may. */
export function refusal(change: { readonly breaking: boolean; readonly released: string; readonly version: string; readonly messages: readonly string[] }): string | undefined {
  const { breaking, released, version, messages } = change;
  if (!breaking) {
    return undefined;
  }
  // A checkout has the version 0.0.0; the release gives it one, by the commits.
  const said = version === '0.0.0' ? messages.some(announcesBreakage) : saysThatItBreaks(released, version);
  return said ? undefined : `The API breaks what ${released} promised, and ${version === '0.0.0' ? 'no commit since says so' : `${version} does not say so`}. `
    + `Keep the old form beside the new one, or mark the commit as breaking ("feat!: ..." or a "BREAKING CHANGE: " footer), which makes it a ${breakingBump(released)} version.`;
}

/** The newest release among the tags of a repository. */
export function latestRelease(tags: readonly string[]): string | undefined {
  return tags.filter((tag) => /^v\d+\.\d+\.\d+$/.test(tag)).sort((a, b) => compare(parse(b.slice(1)), parse(a.slice(1))))[0];
}

function parse(version: string): Version {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  if (patch === undefined) {
    throw new Error(`"${version}" is no version: it has to be like 1.2.3.`);
  }
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

const compare = (a: Version, b: Version): number => a.major - b.major || a.minor - b.minor || a.patch - b.patch;
