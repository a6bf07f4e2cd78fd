/** The entry of a thread worker in a browser. */

import { wasi } from './browser_host.js';
import { serve } from './thread.js';

serve(self, wasi);
