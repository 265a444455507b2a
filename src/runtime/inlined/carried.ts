/** Lets the runtime carry the kernels: imported by every catalogue but `lanewise/slim`. */
import { kernelsText } from '../kernels.baseline.generated.js';
import { carryKernels } from '../runtime.js';

carryKernels(kernelsText);
