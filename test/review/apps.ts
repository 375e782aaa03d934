import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';

const made: string[] = [];

/** Removes what the tests of a file have written. */
export function removeAppFolders(): void {
  made.splice(0).forEach((directory) => rmSync(directory, { recursive: true, force: true }));
}

export function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-app-'));
  made.push(directory);
  return directory;
}

/** Synthesizes an app; its folder. */
export function appOf(build: (app: App) => void): string {
  const app = new App({ outdir: folder() });
  build(app);
  app.synth();
  return app.outdir;
}

type Json = Record<string, unknown>;

/** A cdk.out by hand: templates by stack name. */
export function writeApp(templates: Readonly<Record<string, Json | string>>, environment = 'aws://unknown-account/unknown-region'): string {
  const directory = folder();
  const artifacts: Json = {};
  for (const [name, template] of Object.entries(templates)) {
    writeFileSync(join(directory, `${name}.template.json`), typeof template === 'string' ? template : JSON.stringify(template));
    artifacts[name] = { type: 'aws:cloudformation:stack', environment, properties: { templateFile: `${name}.template.json` }, displayName: name };
  }
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '36.0.0', artifacts }));
  return directory;
}

/** Text of a policy that keeps the newest images. */
export function keepNewest(countNumber: number): string {
  return JSON.stringify({ rules: [{ rulePriority: 1, selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber }, action: { type: 'expire' } }] });
}

export function nativeRepository(properties: Json = {}, rest: Json = {}): Json {
  return { Type: 'AWS::ECR::Repository', Properties: { LifecyclePolicy: { LifecyclePolicyText: keepNewest(3) }, ...properties }, ...rest };
}

export function ownPolicy(properties: Json = {}, rest: Json = {}): Json {
  return {
    Type: 'Custom::DrydockLifecyclePolicy',
    Properties: { ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:f', LifecyclePolicy: JSON.parse(keepNewest(3)), ReplaceExisting: false, ...properties },
    ...rest,
  };
}
