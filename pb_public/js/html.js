// Markup in template strings, without a compiler. Text is text: nothing here can put a string on the page as HTML.

import htm from 'htm';
import { h } from 'preact';

/** @type {(strings: TemplateStringsArray, ...values: any[]) => any} */
export const html = /** @type {any} */ (htm).bind(h);
