import { custom, customStack, deploy, removeAssemblies, requests, story, writeAssembly } from './assembly-builder';

afterAll(removeAssemblies);

test('smoke', async () => {
  const result = await deploy(writeAssembly({ S: customStack({ A: custom({ Number: 1, Flag: true }) }) }));
  console.log(JSON.stringify(result, null, 1), story(result), requests(result));
});
