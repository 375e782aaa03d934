/** Of CloudFormation's answers. */
export const CLOUDFORMATION_NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

/** A refusal in the form of the query protocol. */
export class QueryError extends Error {
  constructor(public readonly code: string, message: string) {
    super(message);
  }
}

export type Xml = string | undefined | readonly Xml[] | { readonly [element: string]: Xml };

/** The answer to an action. */
export function queryResultXml(namespace: string, action: string, result: Xml, requestId: string): string {
  const body = renderXml({ [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } });
  return `${XML_DECLARATION}<${action}Response xmlns="${namespace}">${body}</${action}Response>`;
}

export function queryErrorXml(namespace: string, { code, message }: QueryError, requestId: string): string {
  const details = renderXml({ Error: { Type: 'Sender', Code: code, Message: message }, RequestId: requestId });
  return `${XML_DECLARATION}<ErrorResponse xmlns="${namespace}">${details}</ErrorResponse>`;
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Elements of the query protocol: lists as `<member>`s, what is undefined left out. */
export function renderXml(xml: Xml): string {
  if (xml === undefined) {
    return '';
  }
  if (typeof xml === 'string') {
    return escapeXml(xml);
  }
  if (isList(xml)) {
    return xml.map((member) => `<member>${renderXml(member)}</member>`).join('');
  }
  return Object.entries(xml).filter(([, value]) => value !== undefined).map(([name, value]) => `<${name}>${renderXml(value)}</${name}>`).join('');
}

export function escapeXml(text: string): string {
  return text
    // Characters that XML 1.0 cannot hold at all.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/\r/g, '&#xD;');
}

const isList = (xml: Xml): xml is readonly Xml[] => Array.isArray(xml);
