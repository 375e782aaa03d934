import { DrydockError, Problem } from '../../errors';
import { ImageCopyCode } from '../../images/image-copy-codes';

export function copyFailure(code: ImageCopyCode, pointer: string, message: string, more: Pick<Problem, 'value' | 'fix'> & { readonly cause?: unknown } = {}): DrydockError {
  const { cause, ...rest } = more;
  return new DrydockError({ code, pointer, message, ...rest }, cause === undefined ? {} : { cause });
}
