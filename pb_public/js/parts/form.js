// What every small form of the door does: busy while it is on its way, and the server's words where it went wrong.

import { useState } from 'preact/hooks';
import * as api from '../api.js';

/** @param {(values: Record<string, string>) => Promise<any>} act */
export function useForm(act) {
  const [state, setState] = useState({ busy: false, error: '', fields: /** @type {Record<string, string>} */ ({}) });
  const submit = async (/** @type {any} */ e) => {
    e.preventDefault();
    const values = Object.fromEntries(new FormData(e.currentTarget));
    setState({ busy: true, error: '', fields: {} });
    try {
      await act(/** @type {any} */ (values));
      setState({ busy: false, error: '', fields: {} });
    } catch (err) {
      const { message, fields } = api.problem(err);
      setState({ busy: false, error: Object.keys(fields).length ? '' : message, fields });
    }
  };
  return { ...state, submit };
}
