/**
 * Without a compiler, a parser still says whether generated code and example are C#, and whether every name that the example uses is one of the package.
 * The grammar comes from PyPI, as there is no C# compiler of today's language among Debian's packages (mono's ends at C# 7).
 */
import { join } from 'node:path';
import { toolsOf } from './language';
import { run, ToolFailure } from './run';
import { Scratch } from './scratch';

export function checkCSharp(folders: readonly string[], scratch: Scratch): string {
  if (toolsOf('python').missing !== undefined) {
    return 'python3 is not installed: not parsed either';
  }
  const venv = join(scratch.root, 'csharp-venv');
  try {
    run('python3', ['-m', 'venv', venv], { env: scratch.env });
    run(join(venv, 'bin', 'pip'), ['install', '--quiet', 'tree-sitter', 'tree-sitter-c-sharp'], { env: scratch.env });
  } catch (error) {
    return `no C# grammar could be installed (${error instanceof ToolFailure ? error.command : String(error)}): not parsed either`;
  }
  return run(join(venv, 'bin', 'python'), [join(__dirname, 'csharp-syntax.py'), ...folders], { env: scratch.env }).stdout.trim();
}
