/** An error whose place says nothing to a test's author, and is not shown. */
export function plainError(message: string): Error {
  const error = new Error(message);
  error.stack = `Error: ${message}`;
  return error;
}
