import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';

const LEFT_OUT = new Set(['.git', 'node_modules', 'lib', 'dist', 'coverage', '.demo', 'cdk.out', '.jsii', 'tsconfig.tsbuildinfo']);

/** A copy of the tree, as it is now, in which a source may be changed; the tree itself is never touched, and may be worked in meanwhile. Packages are the tree's. */
export class Scratch {
  public readonly root: string;
  private readonly parent: string;

  constructor(tree: string) {
    // A path without links: jest names its files by it.
    this.parent = realpathSync(mkdtempSync(join(tmpdir(), 'drydock-trust-')));
    this.root = join(this.parent, 'tree');
    cpSync(tree, this.root, { recursive: true, filter: (from) => !(LEFT_OUT.has(basename(from)) && !relative(tree, from).includes('/')) });
    cpSync(join(tree, 'assets'), join(this.parent, 'assets'), { recursive: true });
    symlinkSync(join(tree, 'node_modules'), join(this.root, 'node_modules'), 'dir');
  }

  /** Gives these files other texts while something is done. */
  public async with<T>(texts: ReadonlyMap<string, string>, isBundled: boolean, act: () => Promise<T>): Promise<T> {
    const before = new Map([...texts.keys()].map((file) => [file, readFileSync(join(this.root, file))] as const));
    try {
      texts.forEach((text, file) => writeFileSync(join(this.root, file), text));
      if (isBundled) {
        this.bundle();
      }
      return await act();
    } finally {
      before.forEach((text, file) => writeFileSync(join(this.root, file), text));
      if (isBundled) {
        cpSync(join(this.parent, 'assets'), join(this.root, 'assets'), { recursive: true });
      }
    }
  }

  public remove(): void {
    rmSync(this.parent, { recursive: true, force: true });
  }

  private bundle(): void {
    execFileSync(process.execPath, [join('scripts', 'bundle.js')], { cwd: this.root, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
