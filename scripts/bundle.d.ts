import type { BuildOptions, Metafile, OutputFile } from 'esbuild';

export declare const handler: BuildOptions;
export declare function buildAll(overrides?: { readonly write?: boolean }): Promise<Record<string, { metafile: Metafile; outputFiles?: OutputFile[] }>>;
