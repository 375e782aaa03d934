/** The app deployed three times on this machine, against the embedded ECR, with what the repository holds after each deployment. */
import { join } from 'node:path';
import { startEmulator } from '../../src/emulator';
import { RehearsalSession } from '../../src/rehearsal';
import { Pusher } from '../pin-image/story';

export interface Release {
  readonly release: string;
  /** It came to what it should: the last one back to the release before. */
  readonly ok: boolean;
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** Digest by tag. */
  readonly tags: Readonly<Record<string, string>>;
  readonly images: number;
  /** What the task runs. */
  readonly runs: string;
}

const NAME = 'shop/web';

/** Deploys, deploys again, and then once more with a failure at the end. `work`: where the app was synthesized for each release. */
export async function promotionStory(work: string, print: (line: string) => void): Promise<Release[]> {
  const emulator = await startEmulator();
  const session = await RehearsalSession.open({ ecrEndpoint: emulator.endpoint });
  const ci = new Pusher(emulator.endpoint);
  const releases: Release[] = [];
  const push = async (tag: string, version: string) => {
    print(`CI pushes ${tag}: ${version}, for two architectures`);
    await ci.push(NAME, tag, ['amd64', 'arm64'], ['a base that never changes', version]);
  };
  const deploy = async (release: string, failAt: readonly string[] = []) => {
    const result = await session.run({ assembly: join(work, release), failAt });
    const { imageDetails } = emulator.inventory(NAME);
    const [{ status, outputs }] = result.stacks;
    const { resources } = result.state.stacks[0];
    const [{ Image }] = resources.find(({ type }) => type === 'AWS::ECS::TaskDefinition')!.properties.ContainerDefinitions as { Image: string }[];
    const tags: Record<string, string> = Object.fromEntries(imageDetails.flatMap(({ imageDigest, imageTags = [] }) => imageTags.map((tag) => [tag, imageDigest])).sort());
    releases.push({ release, ok: failAt.length > 0 ? status === 'UPDATE_ROLLBACK_COMPLETE' : result.ok, status, outputs, tags, images: imageDetails.length, runs: Image });
    print(`release ${release}: ${status}`);
    print(`  cleanup: ${outputs.Cleaned}`);
    print(`  ${imageDetails.length} images; ${Object.entries(tags).map(([tag, digest]) => `${tag} ${digest.slice(0, 15)}`).join(', ')}; the task runs ${Image.split('@')[1].slice(0, 15)}`);
  };
  try {
    await ci.repository(NAME);
    await push('candidate', 'version 1');
    await push('pr-7', 'a pull request');
    // Merged unchanged: the same image as the candidate, under one more tag.
    await push('pr-8', 'version 1');
    await deploy('first');
    await push('candidate', 'version 2');
    await push('v2', 'version 2');
    await deploy('second');
    await push('candidate', 'version 3');
    print('the third release fails after the promotion');
    await deploy('third', ['Shop/PullRequests/Resource/Default']);
  } finally {
    await session.close();
    await emulator.stop();
  }
  return releases;
}
