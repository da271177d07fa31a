import { InjectionToken } from '@angular/core';
import { type Version } from 'rx-smux';

/** Of the protocol, in the links of a {@link SmuxService}. */
export const VERSION = new InjectionToken<Version>('VERSION', { factory: () => 2 });
