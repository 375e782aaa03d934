import { accessPolicy } from './access-policy';
import { emulatorHttp } from './emulator-http';
import { imageReference } from './image-reference';
import { inUseList, inventory } from './inventory';
import { lifecyclePolicy } from './lifecycle-policy';
import { manifest } from './manifest';
import { pattern } from './pattern';
import { registryHeaders } from './registry-headers';
import { tar } from './tar';
import { template } from './template';
import { upstream } from './upstream';
import { FuzzTarget } from '../target';

export const TARGETS: readonly FuzzTarget[] = [
  lifecyclePolicy, pattern, accessPolicy, inventory, inUseList, template, manifest, imageReference, tar, registryHeaders, upstream, emulatorHttp,
];

export function targetOf(name: string): FuzzTarget {
  const found = TARGETS.find((target) => target.name === name);
  if (found === undefined) {
    throw new Error(`There is no target ${name}.`);
  }
  return found;
}
