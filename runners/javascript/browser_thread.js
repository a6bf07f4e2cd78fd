/** The entry of a thread worker in a browser. */

import { inThread, wasi } from './browser_host.js';
import { serve } from './thread.js';

serve(self, wasi, inThread);
