import { randomUUID } from 'node:crypto';
import type { Reply } from '../../emulator';
import { renderXml, XML_DECLARATION } from '../../rehearsal/query-protocol';

export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A refusal in S3's form. */
export class S3Error extends Error {
  constructor(public readonly statusCode: number, public readonly code: string, message: string, public readonly details: Readonly<Record<string, string>> = {}) {
    super(message);
  }

  public reply(): Reply {
    const { statusCode, code, message, details } = this;
    return xmlReply(statusCode, `<Error>${renderXml({ Code: code, Message: message, ...details, RequestId: randomUUID() })}</Error>`);
  }
}

export function xmlReply(statusCode: number, xml: string): Reply {
  return { statusCode, headers: { 'content-type': 'application/xml' }, body: `${XML_DECLARATION}${xml}` };
}
