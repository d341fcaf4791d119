import { tellOnce } from './console.ts';
import { Refrain } from './refrain.ts';

const tag = document.currentScript as HTMLScriptElement | null;
// A second tag on a page changes nothing: two would mark every call twice.
if (window.refrain) {
  // A test tool starts Refrain before the page's own tag does.
  if (!window.refrainOverrides)
    tellOnce('twice', 'Cannot start a second time on this page: it runs already, one tag or register() is needed');
} else window.refrain = new Refrain({ ...tag?.dataset }, new URL('refrain-sw.js', tag?.src ?? document.baseURI).href);
