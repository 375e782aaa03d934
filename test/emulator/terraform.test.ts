import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ecr } from './support';
import { Emulator } from '../../src/emulator';

const run = promisify(execFile);

/** A directory with the AWS provider, as `terraform init -plugin-dir` takes it; nothing is downloaded. */
const PLUGINS = process.env.DRYDOCK_TERRAFORM_PLUGINS;
if (PLUGINS === undefined) {
  console.info('Skipped: Terraform (set DRYDOCK_TERRAFORM_PLUGINS to a plugin directory with the AWS provider).');
}

const main = (endpoint: string, keep: number) => `
  terraform {
    required_providers {
      aws = { source = "hashicorp/aws" }
    }
  }
  provider "aws" {
    region = "us-east-1"
    access_key = "AKIAIOSFODNN7EXAMPLE"
    secret_key = "secret"
    skip_credentials_validation = true
    skip_requesting_account_id = true
    skip_metadata_api_check = true
    endpoints { ecr = "${endpoint}" }
  }
  resource "aws_ecr_repository" "app" {
    name = "team/app"
    image_tag_mutability = "IMMUTABLE"
    force_delete = true
    image_scanning_configuration { scan_on_push = true }
    encryption_configuration { encryption_type = "KMS" }
    tags = { team = "a b" }
  }
  resource "aws_ecr_lifecycle_policy" "app" {
    repository = aws_ecr_repository.app.name
    policy = jsonencode({ rules = [{
      rulePriority = 1, selection = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = ${keep} }, action = { type = "expire" }
    }] })
  }
  resource "aws_ecr_repository_policy" "app" {
    repository = aws_ecr_repository.app.name
    policy = jsonencode({ Version = "2012-10-17", Statement = [{
      Sid = "pull", Effect = "Allow", Principal = { AWS = "210987654321" }, Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }] })
  }
`;

(PLUGINS === undefined ? test.skip : test)('Terraform creates, sees no difference afterwards, updates and destroys', async () => {
  const { emulator } = await ecr();
  const directory = mkdtempSync(join(tmpdir(), 'drydock-terraform-'));
  const terraform = (...args: string[]) =>
    run('terraform', [...args, '-no-color'], { cwd: directory, env: { ...process.env, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' } });
  const write = (keep: number) => writeFileSync(join(directory, 'main.tf'), main(emulator.endpoint, keep));
  const policy = (of: Emulator) => of.inventory('team/app').repositories![0].lifecyclePolicyText;
  try {
    write(5);
    await terraform('init', `-plugin-dir=${PLUGINS}`);
    await terraform('apply', '-auto-approve');
    expect(emulator.inventory().repositories).toMatchObject([{
      repositoryName: 'team/app', imageTagMutability: 'IMMUTABLE', tags: [{ Key: 'team', Value: 'a b' }], repositoryPolicyText: expect.stringContaining('"pull"'),
    }]);
    // Exit code 2 would mean a difference.
    await terraform('plan', '-detailed-exitcode');
    write(3);
    await terraform('apply', '-auto-approve');
    expect(policy(emulator)).toContain('"countNumber":3');
    await terraform('destroy', '-auto-approve');
    expect(emulator.inventory().repositories).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 300_000);
