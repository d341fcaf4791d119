// Who is measured beside whom. A contender has
//   name, title;
//   head       what stands in a page's head;
//   files      what the site serves for it, by path, given the answers that may be asked for;
//   ready      the promise, in the page, that calls are answered as they will be;
//   repeated, never-seen, identical, afterStart
//              how calls of this kind are proven to be answered as its title says; without one it takes no part: `reaches`
//              tells whether as many calls reached the LLM as must, `is` what else must hold; `before` and `after` run in the
//              page, outside the time that is taken;
// and where it means something
//   begin      run in the page before questions are asked that will be repeated;
//   settle     run in the page after they were: what came is stored. Resolves with why it is not, where it cannot be;
//   stored     the number of answers stored, in the page;
//   inPage     it answers in the page, so that the browser notes no call.

import { constants } from './constant.mjs';
import { firstSketchFile, firstSketchMemory } from './first-sketch.mjs';
import { idbKeyval } from './idb-keyval.mjs';
import { msw } from './msw.mjs';
import { none } from './none.mjs';
import { passThrough } from './pass-through.mjs';
import { polly } from './polly.mjs';
import { refrainDisk, refrainMemory, refrainMiss } from './refrain.mjs';
import { workbox } from './workbox.mjs';

export { isConstant } from './constant.mjs';
export { whyPortkeyIsLeftOut } from './portkey.mjs';
export { constants, idbKeyval, none, passThrough, refrainDisk, refrainMiss, workbox };

export const contenders = [
  none,
  ...constants,
  passThrough,
  refrainMemory,
  refrainDisk,
  refrainMiss,
  workbox,
  idbKeyval,
  firstSketchMemory,
  firstSketchFile,
  msw,
  polly,
];
