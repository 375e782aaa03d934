/** The languages of the package, what builds them, and how it is seen whether the tools are there. */
import { versionOf } from './run';

export type Language = 'typescript' | 'python' | 'java' | 'go' | 'csharp';

export const LANGUAGES: readonly Language[] = ['typescript', 'python', 'java', 'go', 'csharp'];

/** jsii's names of the targets. */
export const TARGETS: Readonly<Record<Language, string>> = { typescript: 'js', python: 'python', java: 'java', go: 'go', csharp: 'dotnet' };

/** The tools of a language with their versions, or what is missing. */
export function toolsOf(language: Language): { readonly found?: string; readonly missing?: string } {
  const tools: Record<Language, readonly (readonly [string, ...string[]])[]> = {
    typescript: [['node', '--version']],
    python: [['python3', '--version']],
    java: [['java', '-version'], ['mvn', '--version']],
    go: [['go', 'version']],
    csharp: [['dotnet', '--version']],
  };
  const versions = tools[language].map(([command, ...args]) => [command, versionOf(command, ...args)] as const);
  const missing = versions.filter(([, version]) => version === undefined).map(([command]) => command);
  // eslint-disable-next-line no-control-regex
  return missing.length > 0 ? { missing: missing.join(', ') } : { found: versions.map(([, version]) => version!.replace(/\x1b\[[0-9;]*m/g, '')).join(', ') };
}

/** Names as they are given on the command line: `python,go`; all of them when none are. */
export function chosenLanguages(only: string | undefined): readonly Language[] {
  const names = only?.split(',') ?? LANGUAGES;
  const wrong = names.find((name) => !LANGUAGES.includes(name as Language));
  if (wrong !== undefined) {
    throw new Error(`${JSON.stringify(wrong)} is none of the languages: ${LANGUAGES.join(', ')}.`);
  }
  return LANGUAGES.filter((language) => names.includes(language));
}
