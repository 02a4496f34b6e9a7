/** What the tests of faults use besides the servers. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './packages.mjs';

const LIBRARIES = '/usr/lib'; // one folder an architecture, as Debian has it

/** libfaketime makes a program see another time of day. */
export async function installFaultTools() {
  const isThere = (folder) => existsSync(join(LIBRARIES, folder, 'faketime', 'libfaketimeMT.so.1'));
  if (!readdirSync(LIBRARIES).some(isThere)) await installPackages('faketime');
}
