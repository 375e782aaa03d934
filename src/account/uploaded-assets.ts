import { readFileSync } from 'node:fs';
import { s3Place, templateOf } from './cloudformation/template-body';
import { unpackedCode } from './function-code';
import { ObjectStore } from './s3/object-store';
import type { AssetSource, FileAsset } from '../assembly/assembly';
import { assemblyError } from '../assembly/codes';
import { Template } from '../assembly/template';

/** What has been uploaded: the very archives and templates that the CLI put there. */
export class UploadedAssets implements AssetSource {
  constructor(private readonly objects: ObjectStore, private readonly codeDirectory: string) {}

  /** Code of a function, by its key: keys of assets are hashes of what they hold, whatever the bucket is called. */
  public asset(key: string): FileAsset | undefined {
    const file = this.objects.fileOfKey(key);
    return file === undefined ? undefined : { path: unpackedCode(file, this.codeDirectory), packaging: 'zip' };
  }

  public nestedTemplate(url: string, place: string): Template {
    const { bucket, key } = s3Place(url);
    const text = this.text(bucket, key);
    if (text === undefined) {
      throw assemblyError('DD-ASSEMBLY-008', place, `S3 error: The specified key does not exist: ${url}`, { value: url, fix: 'Upload the template before the stack that holds it is deployed.' });
    }
    return templateOf(text);
  }

  public text(bucket: string, key: string): string | undefined {
    const file = this.objects.file(bucket, key);
    return file === undefined ? undefined : readFileSync(file, 'utf8');
  }
}
