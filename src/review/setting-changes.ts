import { DeclaredRepository, textOrJson } from './declared';
import { RepositorySettings } from '../lifecycle/model';
import { SettingChange } from '../report/plan';
import { OWNER_TAG, RECORD_TAG_PREFIX } from '../resources';

/** Settings by AWS's names, each as text; what is absent is not said. */
export type Settings = ReadonlyMap<string, string>;

export function settingsOfTemplate(declared: DeclaredRepository): Settings {
  const { imageTagMutability, exclusionFilters, scanOnPush, encryption, tags, emptyOnDelete, isRetained } = declared;
  return new Map([
    ...optional('imageTagMutability', imageTagMutability),
    ...optional('imageTagMutabilityExclusionFilters', exclusionFilters?.join(', ')),
    ...optional('imageScanningConfiguration/scanOnPush', scanOnPush?.toString()),
    ['encryptionConfiguration', encryptionText(encryption)] as const,
    ...[...tags].map(([key, value]) => [`tags/${key}`, value] as const),
    ['emptyOnDelete', String(emptyOnDelete)] as const,
    ['removalPolicy', isRetained ? 'retain' : 'delete'] as const,
  ]);
}

/** As the registry has them; our own tags are left out. */
export function settingsOfRegistry(settings: RepositorySettings): Settings {
  const { imageTagMutability, imageTagMutabilityExclusionFilters: filters, imageScanningConfiguration: scanning, encryptionConfiguration: encryption, tags } = settings;
  return new Map([
    ...optional('imageTagMutability', imageTagMutability),
    ...optional('imageTagMutabilityExclusionFilters', filters?.map(({ filter }) => filter).join(', ')),
    ...optional('imageScanningConfiguration/scanOnPush', scanning?.scanOnPush?.toString()),
    ...optional('encryptionConfiguration', encryption && encryptionText(encryption)),
    ...(tags ?? []).filter(({ Key }) => Key !== OWNER_TAG && !Key.startsWith(RECORD_TAG_PREFIX)).map(({ Key, Value }) => [`tags/${Key}`, Value] as const),
  ]);
}

/** What CloudFormation leaves as it is when the template says nothing of it. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-repository.html */
const LEFT_WHEN_ABSENT = ['imageTagMutability', 'imageScanningConfiguration/scanOnPush'];

/** Of a native repository: settings that leave the template, and stay as they are. */
export function leftSettings(before: Settings, after: Settings): string[] {
  return LEFT_WHEN_ABSENT.filter((name) => before.has(name) && !after.has(name));
}

/** In the order of their names. */
export function settingChanges(before: Settings, after: Settings, options: { readonly ignore?: (name: string) => boolean } = {}): SettingChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort()
    .filter((name) => before.get(name) !== after.get(name) && !options.ignore?.(name))
    .map((name) => ({
      name,
      ...(before.has(name) && { before: before.get(name) }),
      ...(after.has(name) && { after: after.get(name) }),
      ...(name === 'encryptionConfiguration' && before.has(name) && { replaces: true }),
    }));
}

export function encryptionText({ encryptionType, kmsKey }: { readonly encryptionType: string; readonly kmsKey?: unknown }): string {
  return kmsKey === undefined || kmsKey === '' ? encryptionType : `${encryptionType} with ${textOrJson(kmsKey)}`;
}

function optional(name: string, value: string | undefined): (readonly [string, string])[] {
  return value === undefined ? [] : [[name, value]];
}
