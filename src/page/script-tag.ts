import { Refrain } from './refrain.ts';

const tag = document.currentScript as HTMLScriptElement | null;
// A second tag on a page changes nothing: two would mark every call twice.
if (!window.refrain)
  window.refrain = new Refrain({ ...tag?.dataset }, new URL('refrain-sw.js', tag?.src ?? document.baseURI).href);
// A test tool's came first: what the page says of itself counts all the same.
else if (window.refrainOverrides) void window.refrain.configure({ ...tag?.dataset }).catch(() => {});
