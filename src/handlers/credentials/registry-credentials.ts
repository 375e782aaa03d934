import { LoginSettings, writeLogin } from './login';
import { problem } from '../codes';
import { isObject, PropertyReader } from '../properties';
import { Attributes, Resource } from '../resource';
import { Run } from '../run';

/** A version's token has 32 to 64 characters; CloudFormation's request ids are UUIDs. */
const VERSION_TOKEN = /^[A-Za-z0-9-]{32,64}$/;

/** `Custom::DrydockRegistryCredentials`: the first login, with the deployment; the schedule makes the others. The secret itself is CloudFormation's. */
export const registryCredentials: Resource<LoginSettings> = {
  read(run) {
    const reader = new PropertyReader(run.event.ResourceProperties);
    const settings = { secretId: reader.text('SecretArn') ?? '', registries: registriesIn(run.event.ResourceProperties) };
    if (settings.secretId === '') {
      reader.problems.push(problem('DD-HANDLER-001', 'SecretArn', 'SecretArn is missing.', { fix: 'Give the ARN of the secret.' }));
    }
    if (settings.registries.length === 0) {
      reader.wrong('Registries', run.event.ResourceProperties.Registries, 'must be a list of host names');
    }
    reader.check('The login cannot be made:');
    return settings;
  },
  // Another secret is another resource; what is in it is none of CloudFormation's business.
  physicalId: (run, { secretId }) => `drydock:registry-credentials:${secretId}:${run.event.LogicalResourceId}`,
  create: write,
  update: write,
  async delete(run) {
    run.log.info('The secret is CloudFormation\'s to delete. Logins that were read from it stay valid for up to twelve hours.');
  },
};

async function write(run: Run, settings: LoginSettings): Promise<Attributes> {
  const { RequestId } = run.event;
  await writeLogin(run.connection, run.budget, run.log, settings, VERSION_TOKEN.test(RequestId) ? RequestId : undefined);
  return { SecretArn: settings.secretId };
}

/** What the schedule sends: the same settings, and nothing secret. */
export function scheduledLogin(event: unknown): LoginSettings | undefined {
  const login = isObject(event) ? event.DrydockLogin : undefined;
  return isObject(login) && typeof login.SecretArn === 'string' ? { secretId: login.SecretArn, registries: registriesIn(login) } : undefined;
}

function registriesIn({ Registries }: Readonly<Record<string, unknown>>): readonly string[] {
  return Array.isArray(Registries) && Registries.every((one) => typeof one === 'string' && one !== '') ? Registries as string[] : [];
}
